import type { Readable } from 'node:stream'
import type { UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { BlobStore, ByteRange } from '../storage/blob-store.ts'
import { originalKey, type RenditionName, renditionKey } from '../storage/keys.ts'

export type FileName = 'file' | RenditionName

/** A file that can be sent. Its bytes never change under the same ETag. */
export interface ServedFile {
  readonly sizeBytes: number
  readonly mimeType: string
  readonly etag: string
  readonly modifiedAt: Date
  /** Set for the original, which is offered for saving under the name it came with. */
  readonly downloadName: string | undefined
  open(range?: ByteRange): Promise<Readable>
}

export interface FileServiceDeps {
  uploads: UploadStore
  blobs: BlobStore
}

export type FileService = ReturnType<typeof createFileService>

export function createFileService({ uploads, blobs }: FileServiceDeps) {
  /**
   * Of what is in the trash its owner may see the pictures, to know what it was; the original is there again when it is.
   * @throws AppError UPLOAD_NOT_FOUND, RENDITION_NOT_READY, FILE_MISSING
   */
  async function find(userId: string, id: string, name: FileName): Promise<ServedFile> {
    const row = await uploads.find(userId, id, { evenTrashed: name !== 'file' })
    if (!row) throw new AppError('UPLOAD_NOT_FOUND')
    const key = name === 'file' ? originalKey(row) : renditionKey(row, name)
    const found = await blobs.stat(key)
    if (!found) throw new AppError(name === 'file' ? 'FILE_MISSING' : 'RENDITION_NOT_READY')
    return {
      ...found,
      ...describe(row, name, found.modifiedAt),
      open: (range) => blobs.open(key, range),
    }
  }
  return { find }
}

function describe(row: UploadRow, name: FileName, modifiedAt: Date) {
  if (name === 'file') return { mimeType: row.mimeType, etag: `"${row.sha256}"`, downloadName: row.filename }
  // A rendition can be made again; its time tells one from the other.
  const etag = `"${row.sha256.slice(0, 32)}-${name}-${modifiedAt.getTime().toString(36)}"`
  return { mimeType: 'image/webp', etag, downloadName: undefined }
}
