import type { SearchStore, SignalHit } from '../db/search.ts'
import type { UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { ModelPack } from '../models/pack.ts'
import type { SearchHit, SearchRequest, SearchResult, Signal, SimilarQuery } from '../schemas/search.ts'
import { type FusedHit, fuse } from './fusion.ts'
import { toUpload } from './present.ts'

export interface SearchServiceDeps {
  search: SearchStore
  uploads: UploadStore
  models: ModelPack
}

const LIMIT_DEFAULT = 20

/** Hits asked of each signal for one hit of the answer: fusion can only lift what a signal names. */
const CANDIDATES_PER_HIT = 5

export type SearchService = ReturnType<typeof createSearchService>

export function createSearchService({ search, uploads, models }: SearchServiceDeps) {
  const { textEncoder, imageEncoder } = models

  /** The ranked uploads, in the order of the fused hits. One that was deleted meanwhile is left out. */
  async function present(userId: string, fused: readonly FusedHit[]): Promise<SearchResult> {
    const rows = await uploads.findMany(
      userId,
      fused.map((hit) => hit.uploadId),
    )
    const byId = new Map(rows.map((row) => [row.id, row]))
    const hits = fused.flatMap(({ uploadId, score, signals, momentMs }): Omit<SearchHit, 'rank'>[] => {
      const row = byId.get(uploadId)
      return row ? [{ score, signals, moment_ms: momentMs, upload: toUpload(row) }] : []
    })
    return { hits: hits.map((hit, index) => ({ rank: index + 1, ...hit })) }
  }

  return {
    /** Finds uploads by words and by meaning together. An encoder that fails is an error, never an empty answer. */
    async find(userId: string, request: SearchRequest): Promise<SearchResult> {
      const { query, limit = LIMIT_DEFAULT } = request
      const filter = { fileType: request.file_type, showHidden: request.show_hidden ?? false }
      const candidates = limit * CANDIDATES_PER_HIT
      const vector = await textEncoder.embedQuery(query, { priority: 'query' })
      const byMeaning = (model: string, floor: number) =>
        vector ? search.byVector(userId, model, vector, floor, filter, candidates) : undefined

      const [text, description, picture] = await Promise.all([
        search.byText(userId, query, filter, candidates),
        byMeaning(textEncoder.fingerprint, textEncoder.relevanceFloor),
        models.sharesSpace ? byMeaning(imageEncoder.fingerprint, imageEncoder.relevanceFloor) : undefined,
      ])
      return present(userId, fuse(ran({ text, description, picture })).slice(0, limit))
    },

    /** Uploads that look like one upload; of a video every frame is compared with every other. */
    async similar(userId: string, id: string, query: SimilarQuery): Promise<SearchResult> {
      if (!(await uploads.find(userId, id))) throw new AppError('UPLOAD_NOT_FOUND')
      const { limit = LIMIT_DEFAULT, show_hidden: showHidden = false } = query
      const vectors = await search.findVectors(userId, id, imageEncoder.fingerprint)
      if (vectors.length === 0) throw new AppError('SIMILAR_NOT_READY')
      const closest = new Map<string, SignalHit>()
      for (const vector of vectors) {
        for (const hit of await search.byVector(
          userId,
          imageEncoder.fingerprint,
          vector,
          0,
          { showHidden },
          limit + 1,
        )) {
          if (hit.uploadId !== id && hit.score > (closest.get(hit.uploadId)?.score ?? 0)) closest.set(hit.uploadId, hit)
        }
      }
      const hits = [...closest.values()].sort((a, b) => b.score - a.score).slice(0, limit)
      return present(userId, hits.map(toSimilar))
    },
  }
}

/** Likeness is one signal: its cosine is the score. */
function toSimilar({ uploadId, score, frameMs }: SignalHit): FusedHit {
  return { uploadId, score: Math.min(1, score), signals: { picture: score }, momentMs: frameMs > 0 ? frameMs : null }
}

/** The signals that ran. */
function ran(found: Record<Signal, SignalHit[] | undefined>): Partial<Record<Signal, SignalHit[]>> {
  return Object.fromEntries(Object.entries(found).filter(([, hits]) => hits !== undefined))
}
