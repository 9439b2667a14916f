import { useEffect, useState } from 'preact/hooks'
import { thumbnailUrl } from '../api/media.ts'
import { connection } from '../live/store.ts'
import { Icon, type IconName } from './icons.tsx'
import './thumbnail.css'
import { toDataUrl } from './thumbhash.ts'

interface ThumbnailProps {
  /** Undefined: there is no picture yet. */
  uploadId: string | undefined
  /** What the picture shows; empty where it stands beside its name. */
  alt?: string
  thumbhash?: string | null | undefined
  /** Stands there while there is no picture. */
  icon?: IconName
  /** Comes up like a print in the tray. */
  develops?: boolean
}

/** A small square picture. */
export function Thumbnail({ uploadId, alt = '', thumbhash, icon = 'image', develops = false }: ThumbnailProps) {
  // By what was loaded, not "loaded or not": a picture out of the cache is there before any effect could say that it is not.
  const [loaded, setLoaded] = useState<{ readonly id?: string; readonly isMissing?: boolean }>({})
  const isShown = uploadId !== undefined && loaded.id === uploadId && !loaded.isMissing
  const isMissing = loaded.id === uploadId && loaded.isMissing
  // What could not be loaded while the server was away is tried again.
  const isOnline = connection.value === 'open'
  useEffect(() => setLoaded((now) => (now.isMissing ? {} : now)), [isOnline])
  const hash = typeof thumbhash === 'string' && !isShown ? toDataUrl(thumbhash) : undefined
  return (
    <span class="thumbnail" data-develops={develops ? '' : undefined}>
      {hash ? <img class="thumbnail-hash" src={hash} alt="" /> : !isShown && <Icon name={icon} size={22} />}
      {uploadId !== undefined && !isMissing && (
        <img
          class="thumbnail-picture"
          data-shown={isShown ? '' : undefined}
          src={thumbnailUrl(uploadId)}
          alt={alt}
          decoding="async"
          draggable={false}
          onLoad={() => setLoaded({ id: uploadId })}
          onError={() => setLoaded({ id: uploadId, isMissing: true })}
        />
      )}
    </span>
  )
}
