import type { Remade } from '../db/model-packs.ts'
import type { ClaimedUpload } from '../db/processing.ts'
import type { ModelPack } from '../models/pack.ts'
import { createAttempt } from './attempt.ts'
import type { StageTools } from './stage.ts'
import { analyze } from './stages/analyze.ts'
import { embed } from './stages/embed.ts'

export type ReembedTools = Pick<StageTools, 'media' | 'blobs'>

export interface ReembedOptions {
  readonly pack: ModelPack
  /** Writes the description anew, unless the upload's owner wrote it. */
  readonly redoCaption: boolean
  readonly signal: AbortSignal
}

/** Walks a developed upload through the stages that a pack changes, without touching its status or its row. */
export async function reembed(
  upload: ClaimedUpload,
  { pack, redoCaption, signal }: ReembedOptions,
  tools: ReembedTools,
): Promise<Remade> {
  // A copy: what is kept in the end is kept only if the row still says what was read.
  const seen = { ...upload }
  const packs = { models: pack, alsoEmbedWith: [] }
  const attempt = createAttempt(
    { ...tools, ...packs },
    { upload: seen, priority: 'batch', signal, report: () => undefined },
  )
  const analyzed = redoCaption && !upload.descriptionEdited ? await analyze.run(attempt) : undefined
  const changes = analyzed?.outcome === 'done' ? analyzed.changes : undefined
  Object.assign(seen, changes)
  const embedded = await embed.run(attempt)
  if (embedded.outcome !== 'done' || !embedded.vectors) throw new Error('The embed stage gives vectors or throws.')
  return { vectors: embedded.vectors, changes }
}
