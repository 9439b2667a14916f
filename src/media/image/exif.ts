import readExif from 'exif-reader'
import { plausibleDate, plausiblePlace } from '../taken.ts'
import { cameraName, cleanText, storableRecord } from '../text.ts'

export interface ExifSummary {
  readonly takenAt?: Date | undefined
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
  readonly camera?: string | undefined
  /** JSON-safe. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What exif-reader makes of "0000:00:00 00:00:00", which cameras write whose clock was never set. */
const UNSET_CLOCK_MS = Date.UTC(0, -1, 0)

type Tags = Readonly<Record<string, unknown>>

/** What a camera wrote into a picture. EXIF that makes no sense is the same as none: many programs damage it. */
export function summarizeExif(exif: Buffer | undefined): ExifSummary {
  const { image, photo, gps } = readTags(exif)
  const offset = utcOffset(photo)
  return {
    takenAt: takenAt(photo, image, offset),
    ...place(gps),
    camera: cameraName(image.Make, image.Model),
    metadata: storableRecord({
      lens: cleanText(photo.LensModel),
      exposure_seconds: positive(photo.ExposureTime),
      f_number: positive(photo.FNumber),
      iso: positive(photo.ISOSpeedRatings),
      focal_length_mm: positive(photo.FocalLength),
      focal_length_35mm: positive(photo.FocalLengthIn35mmFilm),
      flash_fired: typeof photo.Flash === 'number' ? (photo.Flash & 1) === 1 : undefined,
      altitude_m: altitude(gps),
      utc_offset: offset,
      software: cleanText(image.Software),
      artist: cleanText(image.Artist),
      copyright: cleanText(image.Copyright),
      title: cleanText(image.ImageDescription),
    }),
  }
}

function readTags(exif: Buffer | undefined): { image: Tags; photo: Tags; gps: Tags } {
  try {
    const tags = exif === undefined ? undefined : readExif(exif)
    return { image: tags?.Image ?? {}, photo: tags?.Photo ?? {}, gps: tags?.GPSInfo ?? {} }
  } catch {
    // A picture with broken EXIF is still a picture.
    return { image: {}, photo: {}, gps: {} }
  }
}

/** "+02:00", when the camera knew. Cameras without it leave the time zone open; UTC is assumed then. */
function utcOffset(photo: Tags): string | undefined {
  const written = cleanText(photo.OffsetTimeOriginal) ?? cleanText(photo.OffsetTime)
  return written !== undefined && /^[+-][01]\d:[0-5]\d$/.test(written) ? written : undefined
}

/** The first date that a photo can have once its offset is taken off: only then is it the date that is kept. */
function takenAt(photo: Tags, image: Tags, offset = '+00:00'): Date | undefined {
  return [photo.DateTimeOriginal, photo.DateTimeDigitized, image.DateTime]
    .map((wallClock) => plausibleDate(takeOff(offset, wallClock)))
    .find((date) => date !== undefined)
}

/** exif-reader gives the wall clock as if it were UTC, so the offset still has to be taken off. */
function takeOff(offset: string, wallClock: unknown): Date | undefined {
  if (!(wallClock instanceof Date) || wallClock.getTime() === UNSET_CLOCK_MS) return undefined
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))
  return new Date(wallClock.getTime() - (offset.startsWith('-') ? -minutes : minutes) * 60_000)
}

function place(gps: Tags): { latitude?: number; longitude?: number } {
  return (
    plausiblePlace(
      degrees(gps.GPSLatitude, gps.GPSLatitudeRef === 'S'),
      degrees(gps.GPSLongitude, gps.GPSLongitudeRef === 'W'),
    ) ?? {}
  )
}

/** Degrees, minutes and seconds as one number; NaN when they are not there. */
function degrees(parts: unknown, isNegative: boolean): number {
  if (!Array.isArray(parts)) return Number.NaN
  const [whole, minutes = 0, seconds = 0] = parts.map(Number)
  const value = Number(whole) + minutes / 60 + seconds / 3600
  return isNegative ? -value : value
}

function altitude(gps: Tags): number | undefined {
  if (typeof gps.GPSAltitude !== 'number' || !Number.isFinite(gps.GPSAltitude)) return undefined
  const isBelowSea = Buffer.isBuffer(gps.GPSAltitudeRef) ? gps.GPSAltitudeRef[0] === 1 : gps.GPSAltitudeRef === 1
  return isBelowSea ? -gps.GPSAltitude : gps.GPSAltitude
}

function positive(value: unknown): number | undefined {
  const number = Array.isArray(value) ? value[0] : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}
