import type { EditableRow, NewDescription, UploadEditStore, UploadEdits } from '../db/upload-edits.ts'
import { DESCRIPTION_FRAME } from '../db/vectors.ts'
import { AppError } from '../errors.ts'
import { encodersOf } from '../models/pack.ts'
import type { Upload, UploadPatch } from '../schemas/uploads.ts'
import { parseMoment } from './moments.ts'
import { toUpload } from './present.ts'
import type { ActivePack } from './search-vectors.ts'

export interface EditServiceDeps {
  edits: UploadEditStore
  pack: ActivePack
}

export type EditService = ReturnType<typeof createEditService>

/** What owners say about their uploads. It stays through everything that the file and the models say later. */
export function createEditService({ edits, pack }: EditServiceDeps) {
  async function describe(row: EditableRow, description: string | null): Promise<NewDescription> {
    const found = row.descriptionEdited ? row.foundDescription : row.description
    const caption = { text: description ?? found ?? '', ocrText: row.ocrText ?? '', objects: row.objects }
    const { textEncoder, imageEncoder } = pack()
    const { fingerprint: model } = textEncoder
    const vectors =
      row.status === 'completed' ? await textEncoder.embedDescription(caption, { priority: 'interactive' }) : []
    return {
      model,
      encoders: encodersOf({ textEncoder, imageEncoder }),
      embeddings: vectors.map((vector, part) => ({ model, frameMs: DESCRIPTION_FRAME, part, vector })),
    }
  }

  return {
    /** Throws UPLOAD_NOT_FOUND, VALIDATION_FAILED. When this resolves, searches find the new words. */
    async edit(userId: string, id: string, patch: UploadPatch): Promise<Upload> {
      const changes = readPatch(patch)
      for (;;) {
        const seen = await edits.find(userId, id)
        if (!seen) throw new AppError('UPLOAD_NOT_FOUND')
        const { description } = changes
        const described = description === undefined ? undefined : await describe(seen, description)
        const row = await edits.apply(seen, changes, described)
        if (row) return toUpload(row)
        // It was described or developed between the two statements, or is gone: looked at once more.
      }
    },
  }
}

function readPatch({ description, taken_at, latitude, longitude, hidden }: UploadPatch): UploadEdits {
  return {
    description: description === undefined ? undefined : (description?.trim() ?? null),
    takenAt: taken_at === null ? null : parseMoment('taken_at', taken_at),
    place: readPlace(latitude, longitude),
    hidden,
  }
}

function readPlace(latitude: number | null | undefined, longitude: number | null | undefined): UploadEdits['place'] {
  if (latitude === undefined && longitude === undefined) return undefined
  if (latitude === null && longitude === null) return null
  if (typeof latitude === 'number' && typeof longitude === 'number') return { latitude, longitude }
  throw new AppError('VALIDATION_FAILED', { detail: 'Expected latitude and longitude together, or null for both.' })
}
