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
  const [state, setState] = useState<'loading' | 'shown' | 'missing'>('loading')
  // What could not be loaded while the server was away is tried again.
  const isOnline = connection.value === 'open'
  useEffect(() => setState((now) => (now === 'shown' ? now : 'loading')), [isOnline])
  useEffect(() => setState('loading'), [uploadId])
  const hash = typeof thumbhash === 'string' && state !== 'shown' ? toDataUrl(thumbhash) : undefined
  return (
    <span class="thumbnail" data-develops={develops ? '' : undefined}>
      {hash ? <img class="thumbnail-hash" src={hash} alt="" /> : state !== 'shown' && <Icon name={icon} size={22} />}
      {uploadId !== undefined && state !== 'missing' && (
        <img
          class="thumbnail-picture"
          data-shown={state === 'shown' ? '' : undefined}
          src={thumbnailUrl(uploadId)}
          alt={alt}
          decoding="async"
          draggable={false}
          onLoad={() => setState('shown')}
          onError={() => setState('missing')}
        />
      )}
    </span>
  )
}
