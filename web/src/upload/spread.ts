import type { QueuedItem } from './item.ts'

/**
 * A request tells how many bytes of its whole body are sent; this spreads them over its files, which go one after
 * another. What the form adds is some two hundred bytes for each file.
 * @returns takes what is sent, of how much; gives how many bytes of the files that is
 */
export function createBytesSpread(items: readonly QueuedItem[], onShare: (item: QueuedItem, share: number) => void) {
  const fileBytes = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let index = 0
  let before = 0
  return (sent: number, of: number): number => {
    const overhead = Math.max(0, of - fileBytes) / items.length
    for (; index < items.length; index += 1) {
      const item = items[index]
      if (item === undefined) break
      const span = item.sizeBytes + overhead
      const share = span === 0 ? 1 : Math.min(1, Math.max(0, (sent - before) / span))
      if (item.state.peek().step !== 'cancelled') onShare(item, share)
      if (share < 1) break
      before += span
    }
    return of === 0 ? 0 : (fileBytes * sent) / of
  }
}
