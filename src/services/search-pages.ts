import type { Found, SignalHit, SignalList } from '../db/search.ts'
import { candidatesFor } from '../db/search-vectors.ts'
import { decodeCursor, encodeCursor, isExactly, isId, isMoment } from './cursor.ts'
import type { RankedHit } from './fusion.ts'

/**
 * How many uploads each signal names: the first pages need few, and who reads on gets more. What a deeper level adds
 * comes behind everything of the levels before, so that a page never moves.
 */
const DEPTHS = [100, 2000, 20_000, 200_000]

/** Puts the uploads of the signals into one order. */
export type Ranker = (lists: readonly SignalList[]) => RankedHit[]

/** Where a ranking goes on. */
export interface RankPosition {
  level: number
  score: number
  id: string
  /** The moment of the first page; what is developed later stays out. */
  until: string
}

export interface RankedPage {
  hits: RankedHit[]
  /** Hits on the pages before. */
  before: number
  total: number
  totalIsExact: boolean
  next: RankPosition | undefined
}

/**
 * One page of a ranking that is computed anew, the same for the same rows.
 * @param find asks the signals for their best, so many of each, up to a moment or, without one, up to now
 */
export async function readPage(
  find: (depth: number, until: string | undefined) => Promise<Found>,
  rank: Ranker,
  { limit, after }: { limit: number; after: RankPosition | undefined },
): Promise<RankedPage> {
  let moment = after?.until
  for (let level = after?.level ?? 0; ; level++) {
    const depth = DEPTHS[level] ?? 0
    const { lists, total, totalIsExact, until } = await find(depth, moment)
    moment = until
    const ranking = rankInLevels(lists, rank, level)
    const before = after ? placeAfter(ranking, after) : 0
    const hits = ranking.slice(before, before + limit)
    const deeper = level + 1 < DEPTHS.length && lists.some((list) => list.hits.length >= depth)
    const full = hits.length === limit
    if (!full && deeper) continue
    const last = hits.at(-1)
    const more = last && full && (ranking.length > before + limit || deeper)
    const next = more ? { level, score: last.score, id: last.uploadId, until } : undefined
    return { hits, before, total: Math.max(total, ranking.length), totalIsExact, next }
  }
}

function rankInLevels(lists: readonly SignalList[], rank: Ranker, level: number): RankedHit[] {
  const ranking = new Map<string, RankedHit>()
  for (const depth of DEPTHS.slice(0, level + 1)) {
    const best = lists.map(({ signal, hits }) => ({ signal, hits: bestOf(hits, depth) }))
    for (const hit of rank(best)) if (!ranking.has(hit.uploadId)) ranking.set(hit.uploadId, hit)
  }
  return [...ranking.values()]
}

/** What a search of this depth found. A deeper one has compared more, and brings what it adds behind. */
function bestOf(hits: readonly SignalHit[], depth: number): SignalHit[] {
  const candidates = candidatesFor(depth)
  return hits.filter(({ candidate = 0 }) => candidate <= candidates).slice(0, depth)
}

/** Behind the last hit of the page before or, when that is gone, behind what scored better. */
function placeAfter(ranking: readonly RankedHit[], { id, score }: RankPosition): number {
  const last = ranking.findIndex((hit) => hit.uploadId === id)
  if (last >= 0) return last + 1
  const next = ranking.findIndex((hit) => hit.score < score)
  return next >= 0 ? next : ranking.length
}

const isLevel = (text: string) => /^[0-3]$/.test(text)
const isScore = (text: string) => /^(0|1|0\.\d{1,20}|\d(\.\d{1,20})?e-\d{1,3})$/.test(text)

/** @param hash names the query: a cursor goes on only in the search that gave it out. */
export function encodeRank(hash: string, { level, score, id, until }: RankPosition): string {
  return encodeCursor([hash, level, score, id, until])
}

/** @throws AppError CURSOR_INVALID */
export function decodeRank(hash: string, cursor: string | undefined): RankPosition | undefined {
  if (cursor === undefined) return undefined
  const checks = [isExactly(hash), isLevel, isScore, isId, isMoment]
  const [, level = '', score = '', id = '', until = ''] = decodeCursor(cursor, checks)
  return { level: Number(level), score: Number(score), id, until }
}

/** Where the newest first go on. */
export function encodeNewest(
  hash: string,
  { createdAt, id, before }: { createdAt: string; id: string; before: number },
) {
  return encodeCursor([hash, createdAt, id, before])
}

/** @throws AppError CURSOR_INVALID */
export function decodeNewest(hash: string, cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const isCount = (text: string) => /^\d{1,9}$/.test(text)
  const [, createdAt = '', id = '', before = ''] = decodeCursor(cursor, [isExactly(hash), isMoment, isId, isCount])
  return { createdAt, id, before: Number(before) }
}
