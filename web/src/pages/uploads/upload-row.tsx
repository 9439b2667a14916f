import type { ComponentChildren } from 'preact'
import { Link } from '../../app/router.tsx'
import { useUpload } from '../../live/details.ts'
import { hasEnded, progressOf, type UploadProgress } from '../../live/store.ts'
import { IconButton } from '../../parts/button.tsx'
import { formatBytes } from '../../parts/format.ts'
import { ProgressBar } from '../../parts/progress-bar.tsx'
import { StageStrip } from '../../parts/stage-strip.tsx'
import { Thumbnail } from '../../parts/thumbnail.tsx'
import { cancel, type HandOverItem, retry } from '../../upload/queue.ts'
import { RetryUpload } from './retry-upload.tsx'
import type { Row } from './rows.ts'

/** One file, from the first byte to its caption. */
export function UploadRow({ row: { item, uploadId } }: { row: Row }) {
  if (item !== undefined) return <ItemRow item={item} />
  return uploadId === undefined ? null : <LiveRow uploadId={uploadId} name={undefined} />
}

function ItemRow({ item }: { item: HandOverItem }) {
  const state = item.state.value
  const size = formatBytes(item.sizeBytes)
  switch (state.step) {
    case 'waiting':
      return <Frame name={item.name} size={size} text="Waiting to be sent" action={<CancelButton item={item} />} />
    case 'sending':
      return (
        <Frame
          name={item.name}
          size={size}
          text={state.share < 1 ? `Sending, ${Math.floor(state.share * 100)} %` : 'Sent; the server is saving it'}
          bar={<ProgressBar percent={state.share * 100} label={`Sending ${item.name}`} />}
          action={<CancelButton item={item} />}
        />
      )
    case 'refused':
      return (
        <Frame name={item.name} size={size} text={state.sentence} kind="danger" action={<RetryButton item={item} />} />
      )
    case 'cancelled':
      return <Frame name={item.name} size={size} text="Cancelled" action={<RetryButton item={item} />} />
    case 'duplicate':
      return <LiveRow uploadId={state.uploadId} name={item.name} size={size} isDuplicate />
    case 'kept':
      return <LiveRow uploadId={state.uploadId} name={item.name} size={size} />
  }
}

interface LiveRowProps {
  uploadId: string
  name: string | undefined
  size?: string
  isDuplicate?: boolean
}

/** What the server has: it is being developed, or was. */
function LiveRow({ uploadId, name, size, isDuplicate = false }: LiveRowProps) {
  const progress = progressOf(uploadId).value
  const isOver = progress === undefined || hasEnded(progress)
  const upload = useUpload(uploadId, isOver)
  const failed = progress?.status === 'failed' || (progress === undefined && upload?.status === 'failed')
  const caption = upload?.status === 'completed' ? upload.description : undefined
  const error = progress?.error_message ?? upload?.error_message
  const text = failed ? (error ?? 'It could not be developed.') : isOver ? (caption ?? 'Developed') : textOf(progress)
  const hasPicture = upload ? upload.links.thumbnail !== null : progress !== undefined && isPastThumbnail(progress)
  return (
    <Frame
      name={name ?? progress?.file_name ?? upload?.filename ?? ''}
      size={size ?? formatBytes(progress?.file_size ?? upload?.file_size ?? 0)}
      text={isDuplicate ? <DuplicateText uploadId={uploadId} caption={caption} /> : text}
      kind={failed ? 'danger' : isOver ? 'done' : 'plain'}
      uploadId={uploadId}
      picture={
        <Thumbnail
          uploadId={hasPicture ? uploadId : undefined}
          thumbhash={upload?.thumbhash}
          develops={progress !== undefined}
        />
      }
      bar={
        !isOver &&
        progress.stage !== 'queued' && (
          <StageStrip stage={progress.stage} percent={progress.progress_percent} message={progress.message} />
        )
      }
      action={failed && <RetryUpload uploadId={uploadId} name={name ?? progress?.file_name ?? ''} />}
    />
  )
}

function DuplicateText({ uploadId, caption }: { uploadId: string; caption: string | null | undefined }) {
  return (
    <>
      You have it already.{' '}
      <Link href={`/photo/${uploadId}`} over>
        Show it
      </Link>
      {caption && <span class="muted"> {caption}</span>}
    </>
  )
}

interface FrameProps {
  name: string
  size: string
  text: ComponentChildren
  kind?: 'plain' | 'done' | 'danger'
  uploadId?: string
  picture?: ComponentChildren
  bar?: ComponentChildren
  action?: ComponentChildren
}

function Frame({ name, size, text, kind = 'plain', uploadId, picture, bar, action }: FrameProps) {
  return (
    <div class="upload-row">
      {picture ?? <Thumbnail uploadId={undefined} />}
      <div class="upload-text">
        <p class="upload-name">
          {uploadId === undefined ? (
            <span class="upload-filename">{name}</span>
          ) : (
            <Link class="upload-filename" href={`/photo/${uploadId}`} over>
              {name}
            </Link>
          )}
          <span class="muted small numbers upload-size">{size}</span>
        </p>
        <p class={`upload-state upload-state-${kind}`}>{text}</p>
        {bar}
      </div>
      <div class="upload-action">{action}</div>
    </div>
  )
}

function CancelButton({ item }: { item: HandOverItem }) {
  return <IconButton icon="close" label={`Do not send ${item.name}`} onClick={() => cancel(item)} />
}

function RetryButton({ item }: { item: HandOverItem }) {
  return <IconButton icon="retry" label={`Send ${item.name} again`} onClick={() => retry(item)} />
}

/** A second try says why the first one failed. */
function textOf({ message, error_message }: UploadProgress): string {
  return error_message === null ? message : `${message}. The first try failed: ${error_message}`
}

/** The stages after the one that makes it. */
function isPastThumbnail({ stage }: UploadProgress): boolean {
  return stage !== 'queued' && stage !== 'probing' && stage !== 'thumbnail'
}
