import { plausibleDuration } from '../video-time.ts'

/** The stream that frames are taken from. */
export interface PictureStream {
  readonly codec: string
  /** As coded: before rotation and pixel aspect. */
  readonly width: number
  readonly height: number
  /** Width of a pixel divided by its height. */
  readonly pixelAspect: number
  /** Degrees that the picture is turned clockwise when it is shown, 0 to 359. */
  readonly rotation: number
  readonly frameRate: number | undefined
  /** Set only for high dynamic range: the curve that has to be mapped to sRGB. */
  readonly hdrTransfer: 'smpte2084' | 'arib-std-b67' | undefined
}

export interface VideoReport {
  readonly format: string | undefined
  readonly durationSeconds: number | undefined
  readonly bitRateKbps: number | undefined
  readonly picture: PictureStream | undefined
  readonly audioCodec: string | undefined
  /** The tags of the file and, where it has none of a name, of the picture stream; names in lower case. */
  readonly tags: ReadonlyMap<string, string>
}

/** Beyond this a pixel aspect is damage. The same limits are in the scaling filter. */
export const PIXEL_ASPECT_LIMIT = 16

const TAG = /^ {4,8}(\S[^:]*?) *: (.*)$/
const STREAM = /^ {2,4}Stream #0:(\d+)/

/**
 * Reads what ffmpeg says of its input. The lines have had one shape from version 4.1 to 7.1. Tags come from the file
 * and can say anything; the worst they can do is to describe their own file wrongly, for every number is checked.
 */
export function parseReport(stderr: string): VideoReport {
  const lines = inputLines(stderr)
  const firstStream = lines.findIndex((line) => STREAM.test(line))
  const head = lines.slice(0, firstStream === -1 ? undefined : firstStream)
  const streams = splitStreams(firstStream === -1 ? [] : lines.slice(firstStream))
  const picture = streams.get(pictureIndex(stderr)) ?? []
  const duration = head.find((line) => line.startsWith('  Duration: ')) ?? ''
  const audio = [...streams.values()].map((block) => /: Audio: (\w+)/.exec(block[0] ?? '')).find((match) => match)
  return {
    format: /^Input #0, (\S+),/.exec(head[0] ?? '')?.[1],
    durationSeconds: parseClock(duration),
    bitRateKbps: numberIn(/bitrate: (\d+) kb\/s/, duration),
    picture: parsePicture(picture),
    audioCodec: audio?.[1],
    tags: new Map([...parseTags(picture), ...parseTags(head)]),
  }
}

/** "00:01:02.34" in seconds; undefined for "N/A", nothing, less than nothing, and what no video can last. */
export function parseClock(text: string): number | undefined {
  const [, hours, minutes, seconds] = /(?<![-\d])(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text) ?? []
  return plausibleDuration(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

/** From "Input #0" up to what ffmpeg would write. */
function inputLines(stderr: string): string[] {
  const lines = stderr.split(/\r?\n/)
  const start = lines.findIndex((line) => line.startsWith('Input #0'))
  if (start === -1) return []
  const length = lines.slice(start).findIndex((line) => /^(Output #|Stream map)/.test(line))
  return lines.slice(start, length === -1 ? undefined : start + length)
}

/** Which input stream was chosen for `-map 0:V:0`: ffmpeg 4.1 marks cover art nowhere else. */
function pictureIndex(stderr: string): number {
  return numberIn(/^ {2}Stream #0:(\d+) -> #0:0/m, stderr) ?? -1
}

function splitStreams(lines: readonly string[]): Map<number, string[]> {
  const streams = new Map<number, string[]>()
  let current: string[] = []
  for (const line of lines) {
    const index = STREAM.exec(line)?.[1]
    if (index !== undefined && !streams.has(Number(index))) {
      current = []
      streams.set(Number(index), current)
    }
    current.push(line)
  }
  return streams
}

function parseTags(lines: readonly string[]): [string, string][] {
  return lines.flatMap((line) => {
    const [, name, value] = TAG.exec(line) ?? []
    return name !== undefined && value !== undefined ? [[name.toLowerCase(), value]] : []
  })
}

function parsePicture(block: readonly string[]): PictureStream | undefined {
  const line = block[0] ?? ''
  const [, codec] = /: Video: (\w+)/.exec(line) ?? []
  const [, width, height] = /, (\d+)x(\d+)/.exec(line) ?? []
  if (codec === undefined || !(Number(width) > 0 && Number(height) > 0)) return undefined
  const transfer = /\b(smpte2084|arib-std-b67)\b/.exec(line)?.[1]
  return {
    codec,
    width: Number(width),
    height: Number(height),
    pixelAspect: parsePixelAspect(line),
    rotation: parseRotation(block),
    frameRate: numberIn(/, ([\d.]+) fps/, line) ?? numberIn(/, ([\d.]+) tbr/, line),
    hdrTransfer: transfer === 'smpte2084' || transfer === 'arib-std-b67' ? transfer : undefined,
  }
}

/** When the codec and the container differ, both are printed, and the container's, which counts, comes last. */
function parsePixelAspect(line: string): number {
  const [, width, height] = [...line.matchAll(/\bSAR (\d+):(\d+)/g)].at(-1) ?? []
  const aspect = Number(width) / Number(height)
  if (!Number.isFinite(aspect) || aspect <= 0) return 1
  return Math.min(Math.max(aspect, 1 / PIXEL_ASPECT_LIMIT), PIXEL_ASPECT_LIMIT)
}

/** ffmpeg prints the angle counterclockwise. */
function parseRotation(block: readonly string[]): number {
  const counterclockwise = numberIn(/rotation of (-?[\d.]+) degrees/, block.join('\n')) ?? 0
  return ((-Math.round(counterclockwise) % 360) + 360) % 360
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const value = Number(pattern.exec(text)?.[1])
  return Number.isFinite(value) ? value : undefined
}
