import type { ProgressStage } from '../../../src/schemas/uploads.ts'
import './stage-strip.css'

/** What a person can tell apart of the stages, in order. */
const STEPS = ['Read', 'Thumbnail', 'Looked at', 'Meaning', 'Search'] as const

/** How many steps are done when an upload is in a stage. */
const DONE_BEFORE: Readonly<Record<ProgressStage, number>> = {
  queued: 0,
  probing: 0,
  thumbnail: 1,
  extracting_frames: 2,
  vision_analysis: 2,
  description_audit: 2,
  embedding_generation: 3,
  indexing: 4,
  completed: 5,
  failed: 0,
}

interface StageStripProps {
  stage: ProgressStage
  percent: number
  /** What happens at the moment, for screen readers. */
  message: string
}

/** Developing, step by step: what is done is lit, what is going on glows. */
export function StageStrip({ stage, percent, message }: StageStripProps) {
  const done = DONE_BEFORE[stage]
  const isRunning = stage !== 'queued' && stage !== 'failed'
  return (
    <div
      class="stage-strip"
      role="progressbar"
      aria-label="Developing"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={message}
    >
      {STEPS.map((step, index) => (
        <span
          key={step}
          class="stage-step"
          title={step}
          data-state={index < done ? 'done' : index === done && isRunning ? 'running' : 'ahead'}
        />
      ))}
    </div>
  )
}
