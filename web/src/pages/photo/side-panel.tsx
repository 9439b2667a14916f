import type { Upload } from '../../../../src/schemas/uploads.ts'
import { Link } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { forgetUploads, noteUpload, progressOf } from '../../live/store.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { developAgain, patchUpload, readUpload, regenerate } from '../../parts/grid/requests.ts'
import { told } from '../../parts/grid/upload-actions.ts'
import { durationLabel, isFinished, momentLabel, STAGE_WORDS, sizeLabel } from '../../parts/grid/words.ts'
import { EditablePlace } from './editable-place.tsx'
import { EditableText } from './editable-text.tsx'
import { EditableTime } from './editable-time.tsx'
import { Moments } from './moments.tsx'
import { PanelPart } from './panel-part.tsx'
import type { PhotoState } from './photo-state.ts'
import './side-panel.css'
import { Similar } from './similar.tsx'
import { StageRecord } from './stage-record.tsx'

interface PanelProps {
  readonly upload: Upload
  readonly state: PhotoState
}

/** All that is known about one upload, and what its owner may say about it. */
export function SidePanel({ upload, state }: PanelProps) {
  const { ocr_text } = upload
  return (
    <aside class="side-panel" aria-label="Details">
      <Description upload={upload} state={state} />
      {ocr_text !== null && ocr_text.trim() !== '' && (
        <PanelPart title="Text in the picture" tool={<CopyButton text={ocr_text} />}>
          <p class="side-panel-ocr">{ocr_text}</p>
        </PanelPart>
      )}
      {upload.file_type === 'video' && <Moments upload={upload} />}
      <Facts upload={upload} state={state} />
      <StageRecord upload={upload} />
      {upload.status === 'completed' && <Similar id={upload.id} />}
    </aside>
  )
}

function CopyButton({ text }: { text: string }) {
  // The clipboard is for secure origins only; elsewhere the text can be selected.
  if (!('clipboard' in navigator)) return null
  const copy = () => navigator.clipboard.writeText(text).then(() => toast('Copied.'))
  return <IconButton icon="copy" label="Copy the text" onClick={() => void told(copy)} />
}

function Description({ upload, state }: PanelProps) {
  const patch = (description: string | null) =>
    told(async () => state.change(await patchUpload(upload.id, { description })))
  const isOwn = upload.edited.includes('description')
  return (
    <PanelPart title="Description" tool={isFinished(upload) ? <Again upload={upload} state={state} /> : undefined}>
      {!isFinished(upload) && <Developing upload={upload} />}
      {upload.status === 'failed' && (
        <p class="side-panel-failure">{upload.error_message ?? 'It could not be developed.'}</p>
      )}
      <EditableText text={upload.description} placeholder="Describe it in your words" onSave={patch} />
      {isOwn && (
        <p class="side-panel-own">
          In your words.{' '}
          <button type="button" class="side-panel-link" onClick={() => void patch(null)}>
            Back to the automatic one
          </button>
        </p>
      )}
    </PanelPart>
  )
}

function Again({ upload, state }: PanelProps) {
  const isFailed = upload.status === 'failed'
  const again = () =>
    told(async () => {
      // What was said about it is over; what is said from now on may come before the answer.
      forgetUploads([upload.id])
      if (isFailed) await developAgain([upload.id])
      const begun = isFailed ? await readUpload(upload.id) : await regenerate(upload.id)
      if (!isFinished(begun)) noteUpload(begun, null)
      state.change(begun)
    })
  return (
    <Button kind="quiet" icon={isFailed ? 'retry' : 'sparkle'} class="side-panel-again" onClick={() => void again()}>
      {isFailed ? 'Try again' : 'Look again'}
    </Button>
  )
}

function Developing({ upload }: { upload: Upload }) {
  const live = progressOf(upload.id).value
  const percent = live?.progress_percent ?? 0
  return (
    <div class="side-panel-developing" role="status">
      <span>{live?.message ?? STAGE_WORDS[upload.stage]}</span>
      <span class="side-panel-track">
        <span style={{ transform: `scaleX(${percent / 100})` }} />
      </span>
    </div>
  )
}

function Facts({ upload, state }: PanelProps) {
  const { width, height, camera } = upload
  const megapixels =
    width && height ? `${((width * height) / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MP` : ''
  return (
    <PanelPart title="Details">
      <dl class="side-panel-facts">
        <dt>Taken</dt>
        <dd>
          <EditableTime
            upload={upload}
            onSave={(patch) => told(async () => state.change(await patchUpload(upload.id, patch)))}
          />
        </dd>
        <dt>Place</dt>
        <dd>
          <EditablePlace
            upload={upload}
            onSave={(patch) => told(async () => state.change(await patchUpload(upload.id, patch)))}
          />
        </dd>
        {camera !== null && (
          <>
            <dt>Camera</dt>
            <dd>
              <Link href={`/search?${new URLSearchParams({ q: `camera:"${camera.replaceAll('"', '')}"` })}`}>
                {camera}
              </Link>
            </dd>
          </>
        )}
        {upload.duration_seconds !== null && (
          <>
            <dt>Length</dt>
            <dd class="numbers">{durationLabel(upload.duration_seconds)}</dd>
          </>
        )}
        <dt>File</dt>
        <dd>
          {upload.filename}
          <span class="muted numbers">
            {[upload.mime_type, sizeLabel(upload.file_size), width && height ? `${width} × ${height}` : '', megapixels]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
        </dd>
        <dt>Handed over</dt>
        <dd>{momentLabel(upload.created_at)}</dd>
      </dl>
    </PanelPart>
  )
}
