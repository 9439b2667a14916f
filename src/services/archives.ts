import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { v7 as createId } from 'uuid'
import { ZipFile } from 'yazl'
import type { ArchiveContent, ArchiveStore } from '../db/archives.ts'
import type { UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { Archive, ArchiveRequest } from '../schemas/archives.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { originalKey } from '../storage/keys.ts'
import { archiveTime, createArchiveNames } from './archive-names.ts'

/** Uploads in the order in which they are packed, a page at a time. */
export type UploadPages = AsyncIterable<readonly (UploadRow | { readonly missing: string })[]>

export interface ArchiveServiceDeps {
  archives: ArchiveStore
  uploads: UploadStore
  blobs: BlobStore
  /** What is in an album: its name, and its uploads page by page. Throws ALBUM_NOT_FOUND. */
  readAlbum(userId: string, id: string): Promise<{ name: string; pages: UploadPages }>
}

/** An archive that can be sent, as often as somebody asks. */
export interface PackedArchive {
  readonly filename: string
  /** Begins to pack. */
  open(): Readable
}

/** A browser asks for it at once; whoever lost the connection can begin again. */
export const ARCHIVE_LIMITS = { lifetimeSeconds: 900, perUser: 20 }

/** Rows in memory at a time. */
const PAGE = 100

const ALL_FILES = 'darkroom.zip'
const NOTE = 'missing.txt'

export type ArchiveService = ReturnType<typeof createArchiveService>

/**
 * Many originals as one ZIP, made while it is sent: stored and not compressed, since photos and videos are compressed
 * already (APPNOTE.TXT 6.3, ZIP64 where it is needed). One file is open at a time.
 */
export function createArchiveService({ archives, uploads, blobs, readAlbum }: ArchiveServiceDeps) {
  async function* pagesOf(userId: string, ids: readonly string[]): UploadPages {
    for (let start = 0; start < ids.length; start += PAGE) {
      const chunk = ids.slice(start, start + PAGE)
      const rows = new Map((await uploads.findMany(userId, chunk)).map((row) => [row.id, row]))
      yield chunk.map((id) => rows.get(id) ?? { missing: id })
    }
  }

  /** Undefined when the upload was deleted since it was looked up. */
  async function open(row: UploadRow): Promise<Readable | undefined> {
    try {
      return await blobs.open(originalKey(row))
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'FILE_MISSING') return undefined
      throw thrown
    }
  }

  function pack(pages: UploadPages): Readable {
    const zip = new ZipFile()
    const output = zip.outputStream as Readable
    let reading: Readable | undefined
    // Whoever hangs up ends the reading, too.
    output.once('close', () => reading?.destroy())
    zip.on('error', (thrown: Error) => output.destroy(thrown))

    const fill = async () => {
      const names = createArchiveNames([NOTE])
      const missing: string[] = []
      for await (const page of pages) {
        for (const upload of page) {
          const file = 'missing' in upload ? undefined : await open(upload)
          if ('missing' in upload || !file) {
            missing.push('missing' in upload ? upload.missing : upload.filename)
            continue
          }
          reading = file
          if (output.destroyed) file.destroy()
          const options = { compress: false, size: upload.fileSize, mtime: archiveTime(upload), mode: 0o100644 }
          zip.addReadStream(file, names.take(upload.filename), options)
          await finished(file)
        }
      }
      if (missing.length > 0) zip.addBuffer(toNote(missing), NOTE, { compress: false })
      zip.end()
    }
    fill().catch((thrown: Error) => {
      if (!output.destroyed) output.destroy(thrown)
    })
    return output
  }

  /** Throws ALBUM_NOT_FOUND, or UPLOAD_NOT_FOUND when none of the ids is an upload of this user. */
  async function find(userId: string, { uploadIds, albumId }: ArchiveContent) {
    if (albumId !== null) {
      const { name, pages } = await readAlbum(userId, albumId)
      return { filename: `${name}.zip`, pages }
    }
    const distinct = [...new Set(uploadIds)]
    if ((await uploads.findMany(userId, distinct)).length === 0) throw new AppError('UPLOAD_NOT_FOUND')
    return { filename: ALL_FILES, pages: pagesOf(userId, distinct) }
  }

  return {
    /**
     * Keeps what is to be packed under an id, for a while: a browser can save only what it gets by GET, and a thousand
     * ids do not fit into an address.
     * @throws AppError ALBUM_NOT_FOUND, or UPLOAD_NOT_FOUND when none of the ids is an upload of this user
     */
    async prepare(userId: string, request: ArchiveRequest): Promise<Archive> {
      const content =
        'album_id' in request
          ? { uploadIds: null, albumId: request.album_id }
          : { uploadIds: request.upload_ids, albumId: null }
      const { filename } = await find(userId, content)
      const { id, createdAt } = await archives.insert(userId, createId(), content)
      const expiresAt = new Date(createdAt.getTime() + ARCHIVE_LIMITS.lifetimeSeconds * 1000)
      return { id, filename, expires_at: expiresAt.toISOString(), links: { file: `/v1/archives/${id}` } }
    },

    /** @throws AppError ARCHIVE_NOT_FOUND, and as `prepare` when what was to be packed is gone since */
    async read(userId: string, id: string): Promise<PackedArchive> {
      const row = await archives.find(userId, id)
      if (!row) throw new AppError('ARCHIVE_NOT_FOUND')
      const { filename, pages } = await find(userId, row)
      return { filename, open: () => pack(pages) }
    },
  }
}

function toNote(missing: readonly string[]): Buffer {
  return Buffer.from(
    `These are not in the archive, because they are not there any more:\r\n\r\n${missing.join('\r\n')}\r\n`,
  )
}
