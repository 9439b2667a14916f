import { createHash } from 'node:crypto'
import type { SearchScope, SearchStore, VectorQuery } from '../db/search.ts'
import type { SnippetStore } from '../db/search-snippets.ts'
import type { UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { UploadFilter } from '../schemas/filters.ts'
import type {
  SearchBatchRequest,
  SearchBatchResult,
  SearchHit,
  SearchRequest,
  SearchResult,
  SimilarQuery,
} from '../schemas/search.ts'
import { readFilter } from './filters.ts'
import { byLikeness, fuse, type RankedHit } from './fusion.ts'
import { toUpload } from './present.ts'
import { parseQuery } from './query-language/parse.ts'
import { decodeNewest, decodeRank, encodeNewest, encodeRank, type Ranker, readPage } from './search-pages.ts'
import { loadSnippets } from './search-snippets.ts'
import { type ActivePack, createQueryVectors } from './search-vectors.ts'

export interface SearchServiceDeps {
  search: SearchStore
  snippets: SnippetStore
  uploads: UploadStore
  pack: ActivePack
}

const LIMIT_DEFAULT = 20

export type SearchService = ReturnType<typeof createSearchService>

/** What is asked of the signals, and how a page of it is cut. */
interface Ranking {
  scope: SearchScope
  text: string
  vectors: readonly VectorQuery[]
  rank: Ranker
  /** Names everything that decides the order. */
  hash: string
  limit?: number | undefined
  cursor?: string | undefined
}

export function createSearchService({ search, snippets, uploads, pack }: SearchServiceDeps) {
  const queryVectors = createQueryVectors(pack)

  async function readRanking({
    scope,
    text,
    vectors,
    rank,
    hash,
    limit = LIMIT_DEFAULT,
    cursor,
  }: Ranking): Promise<SearchResult> {
    const after = decodeRank(hash, cursor)
    const find = (depth: number, until: string | undefined) =>
      search.find({ ...scope, until }, { text, vectors }, depth)
    const page = await readPage(find, rank, { limit, after })
    return {
      hits: await present(scope.userId, page.hits, page.before, { text, vectors }),
      total_found: page.total,
      total_is_exact: page.totalIsExact,
      next_cursor: page.next ? encodeRank(hash, page.next) : null,
    }
  }

  /** The newest first, of what the filters leave. There is nothing to score. */
  async function readNewest(
    scope: SearchScope,
    hash: string,
    limit = LIMIT_DEFAULT,
    cursor?: string,
  ): Promise<SearchResult> {
    const after = decodeNewest(hash, cursor)
    const [rows, total] = await Promise.all([search.listNewest(scope, limit + 1, after), search.count(scope)])
    const before = after?.before ?? 0
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    const ranked = shown.map(({ uploadId }): RankedHit => ({ uploadId, score: 0, signals: {} }))
    return {
      hits: await present(scope.userId, ranked, before, { text: '', vectors: [] }),
      total_found: total,
      total_is_exact: true,
      next_cursor: last
        ? encodeNewest(hash, { createdAt: last.createdAt, id: last.uploadId, before: before + limit })
        : null,
    }
  }

  /** The ranked uploads with all that is shown of them. One that was deleted meanwhile is left out. */
  async function present(
    userId: string,
    ranked: readonly RankedHit[],
    before: number,
    { text, vectors }: { text: string; vectors: readonly VectorQuery[] },
  ): Promise<SearchHit[]> {
    const ids = (having: (hit: RankedHit) => boolean) => ranked.filter(having).map(({ uploadId }) => uploadId)
    const byWords = ids(({ signals }) => signals.text !== undefined || signals.exact !== undefined)
    const [rows, snippetOf, momentOf] = await Promise.all([
      uploads.findMany(
        userId,
        ids(() => true),
      ),
      loadSnippets(snippets, userId, text, byWords),
      findMoments(
        userId,
        ids(({ signals }) => signals.picture !== undefined),
        vectors,
      ),
    ])
    const rowOf = new Map(rows.map((row) => [row.id, row]))
    return ranked.flatMap(({ uploadId, score, signals }, index): SearchHit[] => {
      const row = rowOf.get(uploadId)
      if (!row) return []
      const [snippet, moment] = [snippetOf.get(uploadId) ?? null, momentOf.get(uploadId) ?? null]
      return [{ rank: before + index + 1, score, signals, snippet, moment_ms: moment, upload: toUpload(row) }]
    })
  }

  async function findMoments(userId: string, uploadIds: readonly string[], vectors: readonly VectorQuery[]) {
    const moments = new Map<string, number>()
    if (uploadIds.length === 0) return moments
    for (const query of vectors.filter(({ signal }) => signal === 'picture')) {
      const found = await search.findMoments(userId, query, uploadIds)
      for (const { uploadId, momentMs } of found) if (!moments.has(uploadId)) moments.set(uploadId, momentMs)
    }
    return moments
  }

  /** Finds uploads by words and by meaning together. An encoder that fails is an error, never an empty answer. */
  async function find(userId: string, request: SearchRequest): Promise<SearchResult> {
    const { query, limit, cursor, threshold, ...filter } = request
    const { text, phrases, excluded, conditions } = parseQuery(query)
    const scope = { userId, conditions: [readFilter(filter), ...conditions], phrases, excluded }
    const hash = hashOf(userId, query, filter, threshold, queryVectors.spaces())
    if (text === '') return readNewest(scope, hash, limit, cursor)
    const vectors = await queryVectors.ofText(text, threshold)
    return readRanking({ scope, text, vectors, rank: fuse, hash, limit, cursor })
  }

  return {
    find,

    /** Several searches at once. What is wrong with one says nothing about the others. */
    async findMany(userId: string, { searches }: SearchBatchRequest): Promise<SearchBatchResult> {
      const results: SearchBatchResult['results'] = []
      for (const request of searches) results.push(await settle(find(userId, request)))
      return { results }
    },

    /** Uploads that look like one upload; of a video every frame is compared with every other. */
    async similar(userId: string, id: string, query: SimilarQuery): Promise<SearchResult> {
      if (!(await uploads.find(userId, id))) throw new AppError('UPLOAD_NOT_FOUND')
      const { limit, cursor, threshold, ...filter } = query
      const vectors = await queryVectors.ofPictures(
        ({ imageEncoder }) => search.findVectors(userId, id, imageEncoder.fingerprint),
        threshold,
      )
      if (vectors.length === 0) throw new AppError('SIMILAR_NOT_READY')
      const scope = { userId, conditions: [readFilter(filter)], exceptId: id }
      const hash = hashOf(userId, id, filter, threshold, queryVectors.spaces())
      return readRanking({ scope, text: '', vectors, rank: byLikeness, hash, limit, cursor })
    },

    /** Uploads that look like a picture, given as what `embed` makes of it for each space. */
    async byPicture(userId: string, embed: Parameters<typeof queryVectors.ofPictures>[0], query: SimilarQuery) {
      const { limit, cursor, threshold, ...filter } = query
      const vectors = await queryVectors.ofPictures(embed, threshold)
      const scope = { userId, conditions: [readFilter(filter)] }
      const pixels = vectors.map((it) => [it.model, ...it.vectors.map((vector) => [...vector])])
      const hash = hashOf(userId, pixels, filter, threshold)
      return readRanking({ scope, text: '', vectors, rank: byLikeness, hash, limit, cursor })
    },
  }
}

/** Names a search without telling it: cursors end up in places where queries should not. */
function hashOf(userId: string, query: unknown, filter: UploadFilter, ...others: unknown[]): string {
  const parts = JSON.stringify([userId, query, Object.entries(filter).sort(), ...others])
  return createHash('sha256').update(parts).digest('base64url').slice(0, 22)
}

async function settle(search: Promise<SearchResult>): Promise<SearchBatchResult['results'][number]> {
  try {
    return { result: await search, error: null }
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown
    const { code, message: detail, extra } = thrown
    const position = typeof extra.position === 'number' ? { position: extra.position } : {}
    return { result: null, error: { code, detail, ...position } }
  }
}
