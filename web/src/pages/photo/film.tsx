import { useEffect, useRef, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { fileUrl, previewUrl } from '../../api/media.ts'
import { onKey } from '../../app/keyboard.ts'
import { Icon } from '../../parts/icons.tsx'

interface FilmProps {
  readonly upload: Upload
  /** Where it begins; another one seeks. */
  readonly seconds: number | undefined
}

/** A video on the stage. It is asked for in ranges, so that a jump to its end does not fetch what lies before. */
export function Film({ upload, seconds }: FilmProps) {
  const video = useRef<HTMLVideoElement>(null)
  const [isBroken, setBroken] = useState(false)
  useEffect(
    () =>
      onKey(' ', (event) => {
        const element = video.current
        if (element === null || event.target instanceof HTMLButtonElement || event.target === element) return
        event.preventDefault()
        if (element.paused) void element.play().catch(() => undefined)
        else element.pause()
      }),
    [],
  )
  useEffect(() => {
    const element = video.current
    if (element && seconds !== undefined && element.readyState > 0) element.currentTime = seconds
  }, [seconds])

  if (isBroken) return <Unplayable upload={upload} />
  const poster = upload.links.preview === null ? {} : { poster: previewUrl(upload.id) }
  return (
    <div class="picture">
      <video
        ref={video}
        class="film"
        src={fileUrl(upload.id)}
        {...poster}
        controls
        autoplay
        playsInline
        preload="metadata"
        aria-label={upload.description ?? upload.filename}
        onLoadedMetadata={({ currentTarget }) => {
          if (seconds !== undefined) currentTarget.currentTime = seconds
        }}
        onError={() => setBroken(true)}
      />
    </div>
  )
}

/** The server takes more kinds than browsers play: its still picture, and a way to have the file. */
function Unplayable({ upload }: { upload: Upload }) {
  return (
    <div class="picture film-unplayable">
      {upload.links.preview !== null && <img src={previewUrl(upload.id)} alt={upload.description ?? upload.filename} />}
      <p>
        This browser cannot play {upload.mime_type}.{' '}
        <a href={fileUrl(upload.id)} download={upload.filename}>
          <Icon name="download" size={16} /> Download it
        </a>
      </p>
    </div>
  )
}
