import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { UploadMetadata } from '../../../../src/schemas/uploads.ts'
import { get } from '../../api/client.ts'
import { formatDuration } from '../../parts/format.ts'
import { PhotoLink, photoAddress } from './photo-link.tsx'

interface Moment {
  readonly timeMs: number
  readonly description: string
}

interface Props {
  uploadId: string
  /** Where in the video it was found, if its pictures found it. */
  foundMs: number | null
}

/** The moments of a video that were looked at, as a strip of times; each opens the video there. */
export function Moments({ uploadId, foundMs }: Props) {
  const strip = useRef<HTMLOListElement>(null)
  const moments = useMoments(uploadId, strip)
  const shown = withFound(moments, foundMs)
  return (
    <ol ref={strip} class="moments" aria-label="Moments of this video">
      {shown.map(({ timeMs, description }) => (
        <li key={timeMs}>
          <PhotoLink
            href={photoAddress(uploadId, timeMs)}
            class="moment numbers"
            title={description}
            {...(timeMs === foundMs
              ? { 'aria-current': 'true', 'aria-label': `${formatDuration(timeMs / 1000)}, found here` }
              : {})}
          >
            {formatDuration(timeMs / 1000)}
          </PhotoLink>
        </li>
      ))}
    </ol>
  )
}

/** Asked for when the strip comes near: of a hundred videos only a few are ever looked at. */
function useMoments(uploadId: string, strip: RefObject<HTMLElement | null>): readonly Moment[] {
  const [moments, setMoments] = useState<readonly Moment[]>([])
  useEffect(() => {
    if (strip.current === null) return
    const controller = new AbortController()
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return
      observer.disconnect()
      readMoments(uploadId, controller.signal).then(setMoments, () => {
        // The strip is an extra: the moment that was found stands there all the same.
      })
    })
    observer.observe(strip.current)
    return () => {
      observer.disconnect()
      controller.abort()
    }
  }, [uploadId])
  return moments
}

async function readMoments(uploadId: string, signal: AbortSignal): Promise<Moment[]> {
  const { frames } = await get<UploadMetadata>(`/v1/uploads/${uploadId}/metadata`, { signal })
  return frames.map(({ time_ms, description }) => ({ timeMs: time_ms, description }))
}

function withFound(moments: readonly Moment[], foundMs: number | null): readonly Moment[] {
  if (foundMs === null || moments.some(({ timeMs }) => timeMs === foundMs)) return moments
  return [...moments, { timeMs: foundMs, description: '' }].sort((a, b) => a.timeMs - b.timeMs)
}
