import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { fileUrl, previewUrl, thumbnailUrl } from '../../api/media.ts'
import { onKey } from '../../app/keyboard.ts'
import { Icon } from '../../parts/icons.tsx'
import { toDataUrl } from '../../parts/thumbhash.ts'
import { type Gestures, listenForGestures } from './gestures.ts'
import { fit, maxScale, type Size } from './zoom.ts'

interface PictureProps {
  readonly upload: Upload
  onStep(step: 1 | -1): void
  onClose(): void
}

/** What every browser shows; of the others, and of very large ones, the preview is the best there is. */
const SHOWABLE = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'])
const ORIGINAL_MAX_BYTES = 60_000_000
/** The preview has this many pixels on its longer side. */
const PREVIEW_SIDE = 1440
const STEP = 1.5

/** A photo on the stage: blurred first, then the thumbnail, then the preview, and the original for who looks closer. */
export function Picture({ upload, onStep, onClose }: PictureProps) {
  const stage = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const gestures = useRef<Gestures | undefined>(undefined)
  const [isClose, setClose] = useState(false)
  const [isZoomed, setZoomed] = useState(false)
  const size = useSize(stage)
  const picture = { width: upload.width ?? PREVIEW_SIDE, height: upload.height ?? 1080 }
  const fitted = size && fit(picture, size)
  const limits = useRef({ fitted: picture as Size, stage: picture as Size, max: 1 })
  if (size && fitted) limits.current = { fitted, stage: size, max: maxScale(picture, fitted) }
  const steps = useRef({ onStep, onClose })
  steps.current = { onStep, onClose }

  useEffect(() => {
    const element = stage.current
    if (element === null) return
    const made = listenForGestures({
      stage: element,
      limits: () => limits.current,
      show({ scale, x, y }, drag) {
        const style = frame.current?.style
        if (style) style.transform = `translate(${x + drag.x}px, ${y + drag.y}px) scale(${scale})`
        const wanted = limits.current.fitted.width * scale * devicePixelRatio
        if (wanted > PREVIEW_SIDE * 1.1 || limits.current.fitted.height * scale * devicePixelRatio > PREVIEW_SIDE * 1.1)
          setClose(scale > 1.01)
        setZoomed(scale > 1.01)
      },
      onSwipe: (step) => steps.current.onStep(step),
      onDismiss: () => steps.current.onClose(),
    })
    gestures.current = made
    const keys = [
      onKey('+', () => made.zoomBy(STEP)),
      onKey('=', () => made.zoomBy(STEP)),
      onKey('-', () => made.zoomBy(1 / STEP)),
      onKey('0', () => made.reset()),
    ]
    return () => {
      made.stop()
      for (const stop of keys) stop()
    }
  }, [])

  const original = SHOWABLE.has(upload.mime_type) && upload.file_size <= ORIGINAL_MAX_BYTES
  return (
    <div ref={stage} class="picture" data-zoomed={isZoomed ? '' : undefined}>
      {fitted && (
        <div
          ref={frame}
          class="picture-frame"
          style={{
            width: `${fitted.width}px`,
            height: `${fitted.height}px`,
            backgroundImage: upload.thumbhash === null ? '' : `url("${toDataUrl(upload.thumbhash)}")`,
          }}
        >
          {upload.links.preview === null ? (
            <NoPicture upload={upload} showOriginal={original} />
          ) : (
            <>
              <img src={thumbnailUrl(upload.id)} alt="" draggable={false} />
              <img src={previewUrl(upload.id)} alt={upload.description ?? upload.filename} draggable={false} />
              {isClose && original && <img src={fileUrl(upload.id)} alt="" draggable={false} decoding="async" />}
            </>
          )}
        </div>
      )}
    </div>
  )
}

/** Before there is a preview, the original is what there is. */
function NoPicture({ upload, showOriginal }: { upload: Upload; showOriginal: boolean }) {
  if (showOriginal && upload.status !== 'failed')
    return <img src={fileUrl(upload.id)} alt={upload.filename} draggable={false} />
  return (
    <div class="picture-none">
      <Icon name={upload.status === 'failed' ? 'warning' : 'image'} size={40} />
      <p>{upload.error_message ?? 'There is no preview yet.'}</p>
    </div>
  )
}

function useSize(element: { readonly current: HTMLElement | null }): Size | undefined {
  const [size, setSize] = useState<Size | undefined>(undefined)
  useLayoutEffect(() => {
    const target = element.current
    if (target === null) return
    const measure = () => setSize({ width: target.clientWidth, height: target.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [])
  return size
}
