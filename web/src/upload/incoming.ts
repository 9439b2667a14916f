import { type ReadonlySignal, signal } from '@preact/signals'
import { isField } from '../app/keyboard.ts'
import { navigate, path } from '../app/router.tsx'
import { toast } from '../app/toasts.tsx'
import { plural } from '../parts/format.ts'
import { handOver, handOverMore } from './queue.ts'
import { isLitter, walk } from './walk.ts'

/**
 * How files come to the page: dropped anywhere, pasted, chosen. A part that takes a drop or a paste itself (the search
 * box takes a picture as an example) calls `preventDefault` on `dragover`, `drop` or `paste` before it comes up here.
 */

const over = signal(false)
const reading = signal(0)

/** Whether files are held over the page. */
export const isDraggingFiles: ReadonlySignal<boolean> = over

/** How many dropped folders are still being read. */
export const foldersBeingRead: ReadonlySignal<number> = reading

/** Files from the buttons of this page. */
export function takeFiles(files: Iterable<File>): void {
  const wanted = [...files].filter(({ name }) => !isLitter(name))
  handOver(wanted)
  tell(wanted.length)
}

/** @returns stops listening */
export function listenForFiles(): () => void {
  const controller = new AbortController()
  const { signal } = controller
  let fromThisPage = false
  let leaving: ReturnType<typeof setTimeout> | undefined

  const isWelcome = (event: DragEvent) => !fromThisPage && !!event.dataTransfer?.types.includes('Files')
  // A picture of the page that is dragged is a file too, as far as the browser goes.
  addEventListener('dragstart', () => setFromThisPage(true), { signal })
  addEventListener('dragend', () => setFromThisPage(false), { signal })
  addEventListener('dragover', onDragOver, { signal })
  addEventListener('drop', onDrop, { signal })
  addEventListener('paste', onPaste, { signal })
  return () => controller.abort()

  function setFromThisPage(value: boolean): void {
    fromThisPage = value
  }

  /** It comes several times a second for as long as the files are over the page; there is no sure sign of the end. */
  function onDragOver(event: DragEvent): void {
    if (!isWelcome(event)) return
    over.value = !event.defaultPrevented
    clearTimeout(leaving)
    leaving = setTimeout(() => {
      over.value = false
    }, 400)
    if (event.defaultPrevented || event.dataTransfer === null) return
    event.dataTransfer.dropEffect = 'copy'
    event.preventDefault()
  }

  function onDrop(event: DragEvent): void {
    over.value = false
    if (event.defaultPrevented || !isWelcome(event) || event.dataTransfer === null) return
    event.preventDefault()
    void takeDropped(event.dataTransfer)
  }
}

function onPaste(event: ClipboardEvent): void {
  const files = [...(event.clipboardData?.files ?? [])]
  if (event.defaultPrevented || files.length === 0) return
  const isText = event.clipboardData?.types.includes('text/plain') ?? false
  if (isText && isField(event.target)) return
  event.preventDefault()
  takeFiles(files)
}

/** What the event holds is gone when it is over: entries and files are taken out at once, and walked afterwards. */
async function takeDropped(dropped: DataTransfer): Promise<void> {
  const entries = [...dropped.items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []))
  const files = [...dropped.files]
  if (!entries.some(({ isDirectory }) => isDirectory)) return takeFiles(files)
  reading.value += 1
  let count = 0
  try {
    for await (const chunk of walk(entries)) {
      // The first chunk is the last one, most often; a few files go singly then.
      if (count === 0 && chunk.length < 5) handOver(chunk)
      else handOverMore(chunk)
      count += chunk.length
    }
  } finally {
    reading.value -= 1
  }
  tell(count)
}

function tell(count: number): void {
  if (count === 0) toast('There is no file in it.')
  else if (path.value !== '/uploads') {
    toast(`Sending ${plural(count, 'file')}.`, { action: { label: 'Watch', run: () => navigate('/uploads') } })
  }
}
