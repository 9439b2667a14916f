import type { ClaimedUpload, SearchWords, UploadChanges } from '../db/processing.ts'
import type { NewVectors } from '../db/vectors.ts'
import type { Frame, Media, Probe, Renditions, Still } from '../media/media.ts'
import type { ModelPack, Priority } from '../models/pack.ts'
import type { ProgressStage } from '../schemas/uploads.ts'
import type { BlobStore } from '../storage/blob-store.ts'

/** What a stage found out. A stage that fails throws. */
export type StageResult =
  | {
      readonly outcome: 'done'
      readonly changes?: UploadChanges
      readonly vectors?: NewVectors
      /** Given by the last stage: with them the upload is complete. */
      readonly words?: SearchWords
      /** The fingerprint of the model that ran. */
      readonly model?: string
    }
  | { readonly outcome: 'skipped'; readonly reason: string }

/** One step of the pipeline. */
export interface Stage {
  readonly name: 'probe' | 'thumbnail' | 'analyze' | 'embed' | 'index'
  /** What the upload's status is while the stage runs. */
  readonly status: 'analyzing' | 'embedding'
  /** What the stage is first called in progress events. */
  readonly shows: ProgressStage
  /** The upload goes on when this stage fails; the failure is recorded. */
  readonly optional?: true
  run(attempt: Attempt): Promise<StageResult>
}

/** A picture to look at. */
export interface TimedStill extends Still {
  readonly timeMs: number
  /** It shows nearly the same as the last one that does not repeat: what was found out of that one holds for it. */
  readonly repeats: boolean
}

/** What the stages work with, besides the upload. */
export interface StageTools {
  readonly media: Media
  /** Captions and embeds. */
  readonly models: ModelPack
  /** Packs by which uploads are found too, while the library moves from one to another. */
  readonly alsoEmbedWith: readonly ModelPack[]
  readonly blobs: BlobStore
}

/** One walk of one upload through the pipeline. Decoded pixels are kept for the stages that follow. */
export interface Attempt extends StageTools {
  /** As it was claimed, with what the stages of this walk have found out since. */
  readonly upload: ClaimedUpload
  readonly priority: Priority
  readonly signal: AbortSignal
  /** Where the original can be read. */
  originalPath(): Promise<string>
  /** What the probe knows; probed again when this walk began later. */
  probe(): Promise<Probe>
  /** The pictures to look at: one for an image, several with their times for a video. Decoded once per walk. */
  stills(): Promise<readonly TimedStill[]>
  /** The frames of a video. */
  frames(): Promise<readonly Frame[]>
  /** Renditions that the thumbnail stage made in this walk, so that the picture is not decoded twice. */
  keepRenditions(renditions: Renditions): Promise<void>
  /** Tells how far the upload is. Never fails. */
  report(stage: ProgressStage, step?: { readonly done: number; readonly of: number }): void
}
