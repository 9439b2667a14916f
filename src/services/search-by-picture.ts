import { AppError } from '../errors.ts'
import type { Media } from '../media/media.ts'
import type { SearchResult, SimilarQuery } from '../schemas/search.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { IncomingFile } from './receiver.ts'
import type { SearchService } from './search.ts'
import type { SearchPack } from './search-vectors.ts'

export interface PictureSearchDeps {
  search: SearchService
  blobs: BlobStore
  media: Media
  uploadMaxBytes: number
}

/** A photo of today's cameras has some 30 MB. Nothing of it is kept, so nobody gains by sending more. */
const PICTURE_MAX_BYTES = 100 * 1024 ** 2
/** Long side of the pixels that models see: as when an upload is developed. */
const STILL_MAX_SIDE = 960

export type PictureSearch = ReturnType<typeof createPictureSearch>

/** Finds uploads that look like a picture that is not one of them. The picture is never stored. */
export function createPictureSearch({ search, blobs, media, uploadMaxBytes }: PictureSearchDeps) {
  const maxBytes = Math.min(PICTURE_MAX_BYTES, uploadMaxBytes)
  return {
    /** Bytes that are taken of the picture. */
    maxBytes,

    /**
     * @throws AppError UPLOAD_NO_FILE, UPLOAD_SEVERAL_FILES, UPLOAD_TOO_LARGE, UPLOAD_TYPE_UNSUPPORTED (a video, too),
     *   UPLOAD_TRUNCATED, MEDIA_UNREADABLE, MEDIA_TOO_MANY_PIXELS, MODEL_FAILED
     */
    async find(userId: string, files: AsyncIterable<IncomingFile>, query: SimilarQuery): Promise<SearchResult> {
      let embed: ((pack: SearchPack) => Promise<Float32Array[]>) | undefined
      for await (const file of files) {
        if (embed) throw new AppError('UPLOAD_SEVERAL_FILES')
        const still = await load(file)
        embed = async ({ imageEncoder }) => [await imageEncoder.embed(still, { priority: 'query' })]
      }
      if (!embed) throw new AppError('UPLOAD_NO_FILE')
      return search.byPicture(userId, embed, query)
    },
  }

  /** The pixels of a file that is gone again when they are there, or when there are none. */
  async function load({ stream }: IncomingFile) {
    const staged = await blobs.receive(stream, { maxBytes })
    try {
      const type = await media.identify(staged.path, staged)
      if (type.fileType === 'video') {
        const accepted = media.acceptedTypes.filter((name) => name.startsWith('image/'))
        const detail = 'The file is a video. Search by a picture takes pictures.'
        throw new AppError('UPLOAD_TYPE_UNSUPPORTED', { detail, extra: { accepted_types: accepted } })
      }
      return await media.loadStill(staged.path, type, STILL_MAX_SIDE)
    } finally {
      await blobs.discard(staged)
    }
  }
}
