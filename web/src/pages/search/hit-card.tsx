import { useMemo } from 'preact/hooks'
import type { SearchHit } from '../../../../src/schemas/search.ts'
import { previewUrl, thumbnailUrl } from '../../api/media.ts'
import { formatDuration } from '../../parts/format.ts'
import { Icon } from '../../parts/icons.tsx'
import { toDataUrl } from '../../parts/thumbhash.ts'
import { HitSignals } from './hit-signals.tsx'
import { Moments } from './moments.tsx'
import { PhotoLink, photoAddress } from './photo-link.tsx'
import { SnippetText } from './snippet.tsx'

/** One picture or video that was found: itself, where the words stand, and why it is here. */
export function HitCard({ hit }: { hit: SearchHit }) {
  const { upload, snippet, moment_ms } = hit
  const isVideo = upload.file_type === 'video'
  return (
    <li class="hit">
      <PhotoLink
        href={photoAddress(upload.id, moment_ms)}
        class="hit-picture"
        data-hit={upload.id}
        aria-label={nameOf(hit)}
      >
        <Picture hit={hit} />
        {isVideo && (
          <span class="hit-duration numbers">
            <Icon name="play" size={12} />
            {upload.duration_seconds === null ? 'Video' : formatDuration(upload.duration_seconds)}
          </span>
        )}
        {upload.hidden && (
          <span class="hit-hidden" title="Hidden">
            <Icon name="hide" size={14} />
          </span>
        )}
      </PhotoLink>
      {snippet ? (
        <SnippetText snippet={snippet} />
      ) : (
        <p class="hit-text muted">{upload.description ?? upload.filename}</p>
      )}
      {isVideo && <Moments uploadId={upload.id} foundMs={moment_ms} />}
      <HitSignals hit={hit} />
    </li>
  )
}

function Picture({ hit: { upload } }: { hit: SearchHit }) {
  const blurred = useMemo(
    () => (upload.thumbhash === null ? undefined : toDataUrl(upload.thumbhash)),
    [upload.thumbhash],
  )
  if (upload.links.thumbnail === null) return <Icon name={upload.file_type === 'video' ? 'video' : 'image'} size={28} />
  const sharper =
    upload.links.preview === null ? {} : { srcSet: `${thumbnailUrl(upload.id)} 256w, ${previewUrl(upload.id)} 1440w` }
  return (
    <img
      src={thumbnailUrl(upload.id)}
      {...sharper}
      sizes="240px"
      alt=""
      loading="lazy"
      decoding="async"
      ref={(image) => {
        if (image && blurred !== undefined) image.style.backgroundImage = `url(${blurred})`
      }}
    />
  )
}

const nameOf = ({ upload }: SearchHit) => `Open ${upload.description ?? upload.filename}`
