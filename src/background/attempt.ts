import type { ClaimedUpload } from '../db/processing.ts'
import type { MediaType, Probe } from '../media/media.ts'
import type { Priority } from '../models/pack.ts'
import { findRepeats } from '../models/repeated-frames.ts'
import type { ProgressStage } from '../schemas/uploads.ts'
import { originalKey, renditionKey } from '../storage/keys.ts'
import type { Attempt, StageTools } from './stage.ts'

/** Long side of the pixels that models see. The most any part of the basic pack uses: OCR reads at 960. */
const STILL_MAX_SIDE = 960

const PREVIEW_TYPE: MediaType = { fileType: 'image', mimeType: 'image/webp', extension: 'webp' }

export interface AttemptOptions {
  upload: ClaimedUpload
  priority: Priority
  signal: AbortSignal
  report(stage: ProgressStage, step?: { readonly done: number; readonly of: number }): void
}

/** Begins a walk: gives the stages their upload, its bytes and its pixels, each loaded at most once. */
export function createAttempt(tools: StageTools, { upload, priority, signal, report }: AttemptOptions): Attempt {
  const { media, blobs } = tools
  const type: MediaType = { fileType: upload.fileType, mimeType: upload.mimeType, extension: upload.extension }

  const originalPath = once(() => blobs.localPath(originalKey(upload)))
  const probe = once(async (): Promise<Probe> => media.probe(await originalPath(), type, signal))
  const frames = once(async () => {
    const [path, known] = [await originalPath(), await probe()]
    report('extracting_frames')
    return media.extractFrames(path, known, { maxSide: STILL_MAX_SIDE, signal })
  })
  const stills = once(async () => {
    if (upload.fileType === 'image') return [{ ...(await loadPicture()), timeMs: 0, repeats: false }]
    const all = await frames()
    const repeats = await findRepeats(all)
    return all.map((frame, index) => ({ ...frame, repeats: repeats[index] ?? false }))
  })

  /** The preview decodes in a fraction of the original's time; without one the original has to do. */
  async function loadPicture() {
    const preview = renditionKey(upload, 'preview')
    if (await blobs.stat(preview)) {
      return media.loadStill(await blobs.localPath(preview), PREVIEW_TYPE, STILL_MAX_SIDE, signal)
    }
    return media.loadStill(await originalPath(), type, STILL_MAX_SIDE, signal)
  }

  return {
    ...tools,
    upload,
    priority,
    signal,
    originalPath,
    probe,
    frames,
    stills,
    report,
    async keepRenditions({ preview, thumbnail }) {
      await blobs.put(renditionKey(upload, 'preview'), preview)
      await blobs.put(renditionKey(upload, 'thumbnail'), thumbnail)
    },
  }
}

/** Calls `load` at the first call and gives everybody the same result. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= load()
    return result
  }
}
