import { useEffect, useState } from 'preact/hooks'
import type { Upload, UploadMetadata } from '../../../../src/schemas/uploads.ts'
import { navigate } from '../../app/router.tsx'
import { readMetadata } from '../../parts/grid/requests.ts'
import { durationLabel } from '../../parts/grid/words.ts'
import { PanelPart } from './panel-part.tsx'

/** What is seen in a video, and when; a click goes there. */
export function Moments({ upload }: { upload: Upload }) {
  const [frames, setFrames] = useState<UploadMetadata['frames']>([])
  useEffect(() => {
    readMetadata(upload.id).then(
      (read) => setFrames(read.frames),
      () => undefined,
    )
  }, [upload.id, upload.updated_at])
  if (frames.length === 0) return null
  return (
    <PanelPart title="Moments">
      <ol class="moments-list">
        {frames.map(({ time_ms, description }) => (
          <li key={time_ms}>
            <button
              type="button"
              onClick={() => navigate(`/photo/${upload.id}?t=${time_ms / 1000}`, { replace: true })}
            >
              <span class="moments-time numbers">{durationLabel(time_ms / 1000)}</span>
              <span>{description}</span>
            </button>
          </li>
        ))}
      </ol>
    </PanelPart>
  )
}
