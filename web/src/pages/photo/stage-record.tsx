import { useEffect, useState } from 'preact/hooks'
import type { StageRun, Upload } from '../../../../src/schemas/uploads.ts'
import { readStages } from '../../parts/grid/requests.ts'
import { counted } from '../../parts/grid/words.ts'
import { PanelPart } from './panel-part.tsx'

const STAGES: Readonly<Record<string, string>> = {
  probe: 'Read the file',
  thumbnail: 'Thumbnail',
  analyze: 'Look at it',
  embed: 'Meaning',
  index: 'Index',
}

/** How it was developed: each stage as long as it took, each attempt by itself. */
export function StageRecord({ upload }: { upload: Upload }) {
  const [runs, setRuns] = useState<readonly StageRun[]>([])
  useEffect(() => {
    readStages(upload.id).then(setRuns, () => undefined)
  }, [upload.id, upload.updated_at])
  if (runs.length === 0) return null
  const total = runs.reduce((sum, { duration_ms }) => sum + duration_ms, 0)
  const longest = Math.max(1, ...runs.map(({ duration_ms }) => duration_ms))
  const attempts = Math.max(...runs.map(({ attempt }) => attempt))
  return (
    <PanelPart title="How it was developed" tool={<span class="muted small numbers">{millis(total)}</span>}>
      {attempts > 1 && <p class="muted small">{counted(attempts, 'attempt')}</p>}
      <ol class="stages">
        {runs.map((run) => (
          <Stage
            key={`${run.stage} ${run.attempt} ${run.started_at}`}
            run={run}
            longest={longest}
            shows={attempts > 1}
          />
        ))}
      </ol>
    </PanelPart>
  )
}

function Stage({ run, longest, shows }: { run: StageRun; longest: number; shows: boolean }) {
  const said = run.error_message ?? run.reason
  return (
    <li class={`stage stage-${run.outcome}`} title={run.model ?? undefined}>
      <span class="stage-name">
        {STAGES[run.stage] ?? run.stage}
        {shows && <span class="muted"> · {run.attempt}</span>}
      </span>
      <span class="stage-track">
        <span style={{ width: `${Math.max(2, (run.duration_ms / longest) * 100)}%` }} />
      </span>
      <span class="stage-time numbers">{run.outcome === 'skipped' ? 'skipped' : millis(run.duration_ms)}</span>
      {said !== null && <span class="stage-said">{said}</span>}
    </li>
  )
}

function millis(ms: number): string {
  return ms < 10_000
    ? `${ms.toLocaleString()} ms`
    : `${(ms / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 })} s`
}
