/** Interleaved 8-bit sRGB pixels: `data.length === width * height * 3`, upright, transparency laid on white. */
export interface Still {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** A still out of a video, with its time from the start: an integer of 0 to 2^31 - 1. */
export interface Frame extends Still {
  readonly timeMs: number
}

/** What the bytes say the file is, whatever its name or header claimed. */
export interface MediaType {
  readonly fileType: 'image' | 'video'
  readonly mimeType: string
  /** Without the dot. */
  readonly extension: string
}

/** What is known about a file without decoding its pictures. */
export interface Probe {
  /** As a person sees it: after rotation and pixel aspect. */
  readonly width: number
  readonly height: number
  readonly durationSeconds?: number | undefined
  readonly takenAt?: Date | undefined
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
  /** "Make Model", without saying the make twice. */
  readonly camera?: string | undefined
  /** JSON-safe details for the owner: codec, frame rate, exposure, lens, colour space, ... */
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface Renditions {
  /** WebP, at most 1440 px on the longer side. */
  readonly preview: Uint8Array
  /** WebP, at most 256 px on the longer side. */
  readonly thumbnail: Uint8Array
  /** Base64 of the thumbhash: a blurred stand-in of some 25 bytes. */
  readonly thumbhash: string
  /** 64 bits that copies have nearly in common: decimal text of a signed integer. */
  readonly perceptualHash: string
}

/** What whoever received a file knows of it: its size, and its first bytes. */
export interface Beginning {
  readonly sizeBytes: number
  readonly head: Uint8Array
}

export interface Media {
  /** The MIME types that are taken; without ffmpeg, pictures only. */
  readonly acceptedTypes: readonly string[]
  /** The ffmpeg in use, or undefined when there is none and videos are refused. */
  readonly ffmpeg: { readonly path: string; readonly version: string } | undefined
  /**
   * Tells the type of a file from its bytes, and that the file is whole as far as its container says. What is known of
   * it already is not read again.
   * @throws AppError UPLOAD_EMPTY, UPLOAD_TYPE_UNSUPPORTED (extra: accepted_types), UPLOAD_TRUNCATED
   */
  identify(path: string, known?: Beginning): Promise<MediaType>
  /** @throws AppError MEDIA_UNREADABLE, MEDIA_TOO_MANY_PIXELS, MEDIA_TIMEOUT, VIDEO_NO_PICTURE, VIDEO_TOOL_MISSING */
  probe(path: string, type: MediaType, signal?: AbortSignal): Promise<Probe>
  /** Decodes a picture once and makes everything that is shown of it. Throws like `probe`. */
  renderImage(path: string, type: MediaType, signal?: AbortSignal): Promise<Renditions>
  /** The same out of a frame of a video. */
  renderFrame(frame: Frame): Promise<Renditions>
  /** Loads a picture (an original, or a preview that was made of it) as pixels of at most `maxSide` on the longer side. */
  loadStill(path: string, type: MediaType, maxSide: number, signal?: AbortSignal): Promise<Still>
  /** Frames spread over a video, near-identical ones left out, at least one. Throws like `probe`. */
  extractFrames(
    path: string,
    probe: Probe,
    options: { maxSide: number; signal?: AbortSignal | undefined },
  ): Promise<Frame[]>
  /** Ends worker threads after what they do. Idempotent. */
  close(): Promise<void>
}
