import type { BatchItem } from '../../../../src/schemas/batches.ts'
import { Link } from '../../app/router.tsx'
import { useUpload } from '../../live/details.ts'
import { hasEnded, progressOf, type UploadProgress } from '../../live/store.ts'
import { StageStrip } from '../../parts/stage-strip.tsx'
import { Thumbnail } from '../../parts/thumbnail.tsx'

/** One file of a batch, and what became of it. */
export function BatchItemRow({ item }: { item: BatchItem }) {
  return item.upload_id === null ? <RefusedRow item={item} /> : <KeptRow item={item} uploadId={item.upload_id} />
}

function RefusedRow({ item: { filename, error_message } }: { item: BatchItem }) {
  return (
    <div class="batch-item">
      <Thumbnail uploadId={undefined} icon="error" />
      <div class="batch-item-text">
        <p class="batch-item-name">{filename}</p>
        <p class="batch-item-state batch-item-danger">{error_message ?? 'Refused'}</p>
      </div>
    </div>
  )
}

function KeptRow({ item, uploadId }: { item: BatchItem; uploadId: string }) {
  const progress = progressOf(uploadId).value
  const isLive = progress !== undefined && !hasEnded(progress) && item.verdict === 'accepted'
  const upload = useUpload(uploadId, !isLive && item.outcome !== 'deleted')
  const { text, isBad } = wordsOf(item, progress, upload?.description ?? undefined, upload?.error_message ?? undefined)
  return (
    <div class="batch-item">
      <Thumbnail
        uploadId={
          upload && upload.links.thumbnail === null
            ? undefined
            : upload || isPastThumbnail(progress)
              ? uploadId
              : undefined
        }
        thumbhash={upload?.thumbhash}
        develops={progress !== undefined}
      />
      <div class="batch-item-text">
        <Link class="batch-item-name" href={`/photo/${uploadId}`} over>
          {item.filename}
        </Link>
        <p class={isBad ? 'batch-item-state batch-item-danger' : 'batch-item-state'}>{text}</p>
        {isLive && progress.stage !== 'queued' && (
          <StageStrip stage={progress.stage} percent={progress.progress_percent} message={progress.message} />
        )}
      </div>
    </div>
  )
}

/** The newest news first, then what the batch has on record. */
function wordsOf(
  item: BatchItem,
  progress: UploadProgress | undefined,
  caption = '',
  error = 'It could not be developed.',
) {
  if (item.verdict === 'duplicate') return { text: `It was there already. ${caption}`, isBad: false }
  if (item.outcome === 'deleted') return { text: 'Deleted before its turn', isBad: false }
  if (progress?.status === 'failed') return { text: progress.error_message ?? error, isBad: true }
  if (progress?.status === 'completed') return { text: caption || 'Developed', isBad: false }
  if (progress !== undefined) return { text: progress.message, isBad: false }
  if (item.outcome === 'failed') return { text: error, isBad: true }
  if (item.outcome === 'cancelled') return { text: 'Cancelled before its turn', isBad: false }
  if (item.outcome === 'succeeded') return { text: caption || 'Developed', isBad: false }
  return { text: 'Waiting for its turn', isBad: false }
}

function isPastThumbnail(progress: UploadProgress | undefined): boolean {
  return progress !== undefined && !['queued', 'probing', 'thumbnail'].includes(progress.stage)
}
