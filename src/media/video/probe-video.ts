import { AppError } from '../../errors.ts'
import type { Probe } from '../media.ts'
import { type Place, plausibleDate, plausiblePlace } from '../taken.ts'
import { cameraName, cleanText, storableRecord } from '../text.ts'
import { assertReadable, type Ffmpeg } from './ffmpeg/ffmpeg.ts'
import { VIDEO_MAX_PIXELS } from './ffmpeg/input.ts'
import { type PictureStream, parseClock, parseReport, type VideoReport } from './ffmpeg/report.ts'

const PROBE_TIMEOUT_MS = 60_000
/** Reading a file of ten gigabytes through, from a slow disk. */
const MEASURE_TIMEOUT_MS = 300_000

/** What devices write into the creation date when their clock was never set: 1904 (MP4's zero) and 1970. */
const FIRST_VIDEO_YEAR = 1971

/**
 * What is known about a video. Copying one packet makes ffmpeg describe its input, choose the stream that is the
 * picture, and fail when there is none.
 */
export async function probeVideo(ffmpeg: Ffmpeg, path: string, signal?: AbortSignal): Promise<Probe> {
  const output = ['-c', 'copy', '-frames:v', '1', '-f', 'null', '-']
  const result = await ffmpeg.run({ path, output, timeoutMs: PROBE_TIMEOUT_MS, signal })
  assertReadable(result)
  const report = parseReport(result.stderr)
  const { picture } = report
  if (picture === undefined) throw new AppError('VIDEO_NO_PICTURE')
  if (picture.width * picture.height > VIDEO_MAX_PIXELS) throw new AppError('MEDIA_TOO_MANY_PIXELS')
  return {
    ...displaySize(picture),
    durationSeconds: report.durationSeconds ?? (await measureDuration(ffmpeg, path, signal)),
    takenAt: takenAt(report.tags),
    ...(place(report.tags) ?? {}),
    camera: camera(report.tags),
    metadata: describe(report, picture),
  }
}

/** Recordings of browsers do not say how long they are. Walking the packets without decoding them tells. */
async function measureDuration(ffmpeg: Ffmpeg, path: string, signal?: AbortSignal): Promise<number | undefined> {
  const output = ['-c', 'copy', '-f', 'null', '-']
  const { stderr } = await ffmpeg.run({ path, output, timeoutMs: MEASURE_TIMEOUT_MS, signal })
  return parseClock([...stderr.matchAll(/\btime=\S+/g)].at(-1)?.[0] ?? '')
}

function displaySize({ width, height, pixelAspect, rotation }: PictureStream): { width: number; height: number } {
  const shownWidth = Math.max(1, Math.round(width * pixelAspect))
  const isOnItsSide = rotation % 180 === 90
  return isOnItsSide ? { width: height, height: shownWidth } : { width: shownWidth, height }
}

type Tags = VideoReport['tags']

/** Apple's own tag knows the time zone; the container's date is in UTC, if the device knew it. */
function takenAt(tags: Tags): Date | undefined {
  const written = tags.get('com.apple.quicktime.creationdate') ?? tags.get('creation_time')
  if (written === undefined) return undefined
  const date = plausibleDate(new Date(written.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')))
  return date !== undefined && date.getUTCFullYear() >= FIRST_VIDEO_YEAR ? date : undefined
}

/** ISO 6709 in decimal degrees: "+47.5000+008.2500+450.000/". */
function place(tags: Tags): Place | undefined {
  const written = tags.get('com.apple.quicktime.location.iso6709') ?? tags.get('location') ?? ''
  const [, latitude, longitude] = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)/.exec(written) ?? []
  return plausiblePlace(Number(latitude), Number(longitude))
}

function camera(tags: Tags): string | undefined {
  return cameraName(
    tags.get('com.apple.quicktime.make') ?? tags.get('com.android.manufacturer') ?? tags.get('make'),
    tags.get('com.apple.quicktime.model') ?? tags.get('com.android.model') ?? tags.get('model'),
  )
}

function describe(report: VideoReport, picture: PictureStream): Record<string, unknown> {
  return storableRecord({
    format: report.format,
    codec: picture.codec,
    frame_rate: picture.frameRate,
    rotation: picture.rotation,
    hdr_transfer: picture.hdrTransfer,
    has_audio: report.audioCodec !== undefined,
    audio_codec: report.audioCodec,
    bit_rate_kbps: report.bitRateKbps,
    title: cleanText(report.tags.get('title')),
    software: cleanText(report.tags.get('com.apple.quicktime.software')),
  })
}
