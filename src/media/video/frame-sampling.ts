import { plausibleDuration } from './video-time.ts'

/** Up to here one pass over the whole video is cheaper than a process for every frame. */
const SINGLE_PASS_SECONDS = 15
/** Frames closer than this show the same thing, and each costs a caption. */
const MIN_SPACING_SECONDS = 0.5

export interface SamplingPlan {
  readonly count: number
  readonly intervalSeconds: number
  /** The middles of equal parts of the video. */
  readonly times: readonly number[]
  readonly isSinglePass: boolean
}

/** Where to take frames from a video of that length. One of unknown length gives its first frame. */
export function planSampling(durationSeconds: number | undefined, maxFrames: number): SamplingPlan {
  const duration = plausibleDuration(durationSeconds) ?? MIN_SPACING_SECONDS
  const count = Math.min(maxFrames, Math.max(1, Math.ceil(duration / MIN_SPACING_SECONDS)))
  const intervalSeconds = duration / count
  return {
    count,
    intervalSeconds,
    times: Array.from({ length: count }, (_, index) => (index + 0.5) * intervalSeconds),
    isSinglePass: duration <= SINGLE_PASS_SECONDS,
  }
}
