import type { ComponentChildren } from 'preact'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { thumbnailUrl } from '../../api/media.ts'
import { progressOf } from '../../live/store.ts'
import { Icon } from '../icons.tsx'
import { blurIn } from './blur-in.ts'
import { durationLabel, isFinished, STAGE_WORDS, spokenLabel } from './words.ts'

export interface GridCellProps {
  readonly upload: Upload
  readonly x: number
  readonly width: number
  readonly height: number
  /** Undefined: nothing can be selected here. */
  readonly selected: boolean | undefined
  readonly isCurrent: boolean
  readonly note: ComponentChildren
}

/** One upload. The grid around it hears the clicks and keys. */
export function GridCell({ upload, x, width, height, selected, isCurrent, note }: GridCellProps) {
  const { id, thumbhash, hidden } = upload
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the grid itself
    // biome-ignore lint/a11y/useFocusableInteractive: the link in it has the focus
    <div
      role="gridcell"
      class="grid-cell"
      aria-selected={selected}
      data-hidden={hidden ? '' : undefined}
      style={{ left: `${x}px`, width: `${width}px`, height: `${height}px` }}
    >
      <a
        href={`/photo/${id}`}
        data-id={id}
        class="grid-link"
        tabIndex={isCurrent ? 0 : -1}
        aria-label={spokenLabel(upload)}
        draggable={false}
        ref={thumbhash === null ? null : (element) => (element ? blurIn(element, thumbhash) : undefined)}
      >
        <Picture upload={upload} />
      </a>
      {selected !== undefined && (
        <button
          type="button"
          class="grid-check"
          data-check={id}
          tabIndex={-1}
          aria-label={selected ? 'Take out of the selection' : 'Select'}
        >
          <Icon name="check" size={14} />
        </button>
      )}
      <Badges upload={upload} />
      {note && <span class="grid-note">{note}</span>}
      {!isFinished(upload) && <Developing upload={upload} />}
    </div>
  )
}

function Picture({ upload: { id, links, filename, file_type, status, thumbhash } }: { upload: Upload }) {
  if (links.thumbnail !== null)
    return (
      <img
        src={thumbnailUrl(id)}
        alt=""
        decoding="async"
        draggable={false}
        onLoad={({ currentTarget }) => {
          currentTarget.toggleAttribute('data-loaded', true)
        }}
      />
    )
  return (
    <span class="grid-nothing" data-over={thumbhash === null ? undefined : ''}>
      <Icon name={status === 'failed' ? 'warning' : file_type === 'video' ? 'video' : 'image'} size={22} />
      <span class="grid-name">{filename}</span>
    </span>
  )
}

function Badges({ upload: { file_type, duration_seconds, hidden, status, error_message } }: { upload: Upload }) {
  return (
    <span class="grid-badges">
      {hidden && (
        <span class="grid-badge" title="Hidden">
          <Icon name="hide" size={13} />
        </span>
      )}
      {status === 'failed' && (
        <span class="grid-badge grid-badge-failed" title={error_message ?? 'Could not be developed'}>
          <Icon name="warning" size={13} /> Failed
        </span>
      )}
      {file_type === 'video' && (
        <span class="grid-badge numbers">
          <Icon name="play" size={11} />
          {duration_seconds === null ? 'Video' : durationLabel(duration_seconds)}
        </span>
      )}
    </span>
  )
}

/** What happens to it right now, in the server's words. */
function Developing({ upload }: { upload: Upload }) {
  const live = progressOf(upload.id).value
  const stage = live?.stage ?? upload.stage
  const words = stage === 'queued' ? STAGE_WORDS.queued : (live?.message ?? STAGE_WORDS[stage])
  if (stage === 'queued') return <span class="grid-note grid-waiting">{words}</span>
  return (
    <span class="grid-developing">
      <span class="grid-stage">{words}</span>
      <span class="grid-track">
        <span class="grid-progress" style={{ transform: `scaleX(${(live?.progress_percent ?? 0) / 100})` }} />
      </span>
    </span>
  )
}
