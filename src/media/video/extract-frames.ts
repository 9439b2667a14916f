import { AppError } from '../../errors.ts'
import type { Frame, Probe, Still } from '../media.ts'
import { keepDistinct } from './distinct-frames.ts'
import { assertReadable, type Ffmpeg } from './ffmpeg/ffmpeg.ts'
import { PIXEL_ASPECT_LIMIT } from './ffmpeg/report.ts'
import type { RunResult } from './ffmpeg/run.ts'
import { planSampling, type SamplingPlan } from './frame-sampling.ts'
import { parsePpms } from './ppm.ts'
import { toTimeMs } from './video-time.ts'

/** One key frame takes 0.1 s; a file that needs this long is made to. */
const FRAME_TIMEOUT_MS = 60_000
/** 15 s of 8K, decoded in software on two cores. */
const PASS_TIMEOUT_MS = 180_000
/** Longer videos with hardly a key frame keep what their key frames show: a whole pass would take minutes. */
const MAX_SPARSE_PASS_SECONDS = 300
/** More threads hold more frames in memory, and single key frames get slower by them. */
const PASS_THREADS = 2
const PPM_HEADER_BYTES = 64

/** ffmpeg's usual way from PQ or HLG light to sRGB. Slow in floating point, so it comes after scaling. */
const TONE_MAP =
  'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv444p'

interface Extraction {
  readonly ffmpeg: Ffmpeg
  readonly path: string
  readonly probe: Probe
  readonly maxSide: number
  readonly signal: AbortSignal | undefined
}

interface Sampling extends Extraction {
  readonly plan: SamplingPlan
  /** What is done to every frame. */
  readonly filters: readonly string[]
}

/**
 * Frames from the middles of equal parts of the video, near-identical ones left out; at least one.
 * Short videos are decoded once; of long ones only key frames near the wanted times, which costs the same for a minute
 * and for ten hours.
 * @throws AppError VIDEO_NO_PICTURE when not one frame can be decoded
 */
export async function extractVideoFrames(extraction: Extraction, maxFrames: number): Promise<Frame[]> {
  const plan = planSampling(extraction.probe.durationSeconds, maxFrames)
  const task = { ...extraction, plan, filters: await frameFilters(extraction) }
  const sampled = await (task.plan.isSinglePass ? samplePass(task) : sampleLong(task))
  const frames = await keepDistinct(sampled.length > 0 ? sampled : await sampleFirst(task))
  if (frames.length === 0) throw new AppError('VIDEO_NO_PICTURE')
  return frames
}

async function sampleLong(task: Sampling): Promise<Frame[]> {
  const frames = await sampleKeyFrames(task)
  // The same key frame again and again: the video has too few of them to tell its story.
  const isSparse = frames.length < task.plan.count / 2
  if (!isSparse || (task.probe.durationSeconds ?? 0) > MAX_SPARSE_PASS_SECONDS) return frames
  const passed = await samplePass(task)
  return passed.length > 0 ? passed : frames
}

/** The key frame before each wanted time, each once, one process after another: ten at a time need 500 MB. */
async function sampleKeyFrames(task: Sampling): Promise<Frame[]> {
  const byTime = new Map<number, Frame>()
  for (const seconds of task.plan.times) {
    const input = ['-threads', '1', '-noaccurate_seek', '-ss', seconds.toFixed(3)]
    // Without setpts=0 ffmpeg repeats the frame until the time that was asked for.
    const { stills, stderr } = await run(task, input, [...task.filters, 'showinfo', 'setpts=0'], 1, FRAME_TIMEOUT_MS)
    const timeMs = toTimeMs(seconds + shownAfter(stderr))
    const [still] = stills
    if (still !== undefined) byTime.set(timeMs, { ...still, timeMs })
  }
  return [...byTime.values()]
}

/** Seconds from the time that was asked for to the key frame that came: 0 or less. */
function shownAfter(stderr: string): number {
  const seconds = Number(/ pts_time:(-?[\d.]+)/.exec(stderr)?.[1])
  return Number.isFinite(seconds) ? Math.min(0, seconds) : 0
}

/** One pass over the whole video. `fps` gives the frame in the middle of every interval, as it rounds to the nearest. */
async function samplePass(task: Sampling): Promise<Frame[]> {
  const { count, intervalSeconds, times } = task.plan
  // `fps` fills gaps with copies, all of them at once: two frames that say they are years apart took 23 GB.
  const end = `${((count + 1) * intervalSeconds).toFixed(6)}/TB`
  const chain = [
    `setpts='if(isnan(PTS),PTS,clip(PTS,-${end},${end}))'`,
    `fps=1/${intervalSeconds.toFixed(6)}`,
    ...task.filters,
  ]
  const { stills } = await run(task, ['-threads', String(PASS_THREADS)], chain, count, PASS_TIMEOUT_MS)
  return stills.map((still, index) => ({ ...still, timeMs: toTimeMs(times[index] ?? 0) }))
}

/** The first frame that can be decoded, for videos that are shorter than they say. */
async function sampleFirst(task: Sampling): Promise<Frame[]> {
  const { stills, ...result } = await run(task, ['-threads', '1'], [...task.filters, 'setpts=0'], 1, FRAME_TIMEOUT_MS)
  if (stills.length === 0) assertReadable(result)
  return stills.map((still) => ({ ...still, timeMs: 0 }))
}

async function run(
  { ffmpeg, path, maxSide, signal }: Sampling,
  input: readonly string[],
  chain: readonly string[],
  count: number,
  timeoutMs: number,
): Promise<RunResult & { stills: Still[] }> {
  const result = await ffmpeg.run({
    path,
    input,
    // 8 bits and a header with the size: ffmpeg turns and scales, so only it knows what comes out.
    output: [
      '-vf',
      chain.join(','),
      '-frames:v',
      String(count),
      '-pix_fmt',
      'rgb24',
      '-c:v',
      'ppm',
      '-f',
      'image2pipe',
      '-',
    ],
    maxStdoutBytes: count * (maxSide * maxSide * 3 + PPM_HEADER_BYTES),
    timeoutMs,
    signal,
  })
  return { ...result, stills: parsePpms(result.stdout) }
}

/** Square pixels, at most `maxSide` on the longer side, never enlarged, in sRGB. ffmpeg turns the picture before. */
async function frameFilters({ ffmpeg, probe, maxSide }: Extraction): Promise<string[]> {
  const width = `iw*clip(sar,1/${PIXEL_ASPECT_LIMIT},${PIXEL_ASPECT_LIMIT})`
  const ratio = `min(1,${maxSide}/max(${width},ih))`
  const scale = `scale=w='max(1,round(${width}*${ratio}))':h='max(1,round(ih*${ratio}))'`
  const isHdr = probe.metadata.hdr_transfer !== undefined
  return [scale, 'setsar=1', ...(isHdr && (await ffmpeg.canToneMap()) ? [TONE_MAP] : [])]
}
