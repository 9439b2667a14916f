import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import { isFilter, type Piece, piecesOf, quoteValue, replacePieces } from '../../parts/search-box/query-text.ts'

/** What narrows a search: a query holds filters of its own, an address those that stand beside it. */
export interface Narrowing {
  readonly query: string
  readonly filter: UploadFilter
}

export interface Choice {
  readonly label: string
  /** As words of the query language; without it, only an address can say it. */
  readonly inQuery?: string
  /** The same for searches by a picture, which have no query. */
  readonly filter?: UploadFilter
}

/** One question with a few answers, shown as a chip. */
export interface Facet {
  readonly name: string
  readonly any: string
  readonly choices: readonly Choice[]
  isPiece(piece: Piece): boolean
  readonly members: readonly (keyof UploadFilter)[]
}

const SHAPES = ['landscape', 'portrait', 'square'] as const

const FIXED: readonly Facet[] = [
  {
    name: 'Type',
    any: 'Any type',
    choices: [
      { label: 'Photos', inQuery: 'type:photo', filter: { file_type: 'image' } },
      { label: 'Videos', inQuery: 'type:video', filter: { file_type: 'video' } },
    ],
    isPiece: ({ field }) => field === 'type',
    members: ['file_type'],
  },
  {
    name: 'Shape',
    any: 'Any shape',
    choices: SHAPES.map((shape) => ({
      label: `${shape.charAt(0).toUpperCase()}${shape.slice(1)}`,
      inQuery: `is:${shape}`,
      filter: { orientation: shape },
    })),
    isPiece: (piece) => isFilter(piece, 'is', SHAPES),
    members: ['orientation'],
  },
  {
    name: 'Text in the picture',
    any: 'With or without text',
    choices: [
      { label: 'With text', inQuery: 'has:text', filter: { has_text: true } },
      { label: 'Without text', inQuery: '-has:text', filter: { has_text: false } },
    ],
    isPiece: ({ field }) => field === 'has',
    members: ['has_text'],
  },
  {
    name: 'Hidden',
    any: 'Without hidden',
    choices: [
      { label: 'With hidden', filter: { show_hidden: true } },
      { label: 'Only hidden', inQuery: 'is:hidden' },
    ],
    isPiece: (piece) => isFilter(piece, 'is', ['hidden']),
    members: ['show_hidden'],
  },
]

/** The facets of a search, with the years and cameras that there are. */
export function facetsFor(years: readonly number[], cameras: readonly string[]): Facet[] {
  const [type, ...others] = FIXED
  const year: Facet = {
    name: 'Year',
    any: 'Any year',
    choices: years.map((value) => ({
      label: String(value),
      inQuery: `after:${value} before:${value + 1}`,
      filter: { taken_after: `${value}-01-01T00:00:00Z`, taken_before: `${value + 1}-01-01T00:00:00Z` },
    })),
    isPiece: ({ field }) => field === 'after' || field === 'before',
    members: ['taken_after', 'taken_before'],
  }
  const camera: Facet = {
    name: 'Camera',
    any: 'Any camera',
    choices: cameras.map((name) => ({
      label: name,
      inQuery: `camera:${quoteValue(name.toLowerCase())}`,
      filter: { camera: name.toLowerCase() },
    })),
    isPiece: ({ field }) => field === 'camera',
    members: ['camera'],
  }
  return [...(type ? [type] : []), year, ...others, camera].filter(({ choices }) => choices.length > 0)
}

/** Choices that can be made in a search of this kind. */
export function choicesOf(facet: Facet, hasQuery: boolean): readonly Choice[] {
  return facet.choices.filter(({ filter, inQuery }) => filter !== undefined || (hasQuery && inQuery !== undefined))
}

/** The choice that holds now, if it is one of those that are offered. */
export function chosen(facet: Facet, { query, filter }: Narrowing): Choice | undefined {
  const said = piecesOf(query).filter(facet.isPiece)
  const text = said.map(({ position, end }) => query.slice(position, end).toLowerCase().replace(':image', ':photo'))
  return facet.choices.find((choice) => {
    if (text.length > 0) return choice.inQuery !== undefined && sameWords(choice.inQuery, text)
    const wanted = Object.entries(choice.filter ?? {})
    return wanted.length > 0 && wanted.every(([name, value]) => filter[name as keyof UploadFilter] === value)
  })
}

/** The search with another answer to one question; undefined for any. */
export function choose(facet: Facet, choice: Choice | undefined, now: Narrowing, hasQuery: boolean): Narrowing {
  const usesQuery = hasQuery && choice?.inQuery !== undefined
  return {
    query: replacePieces(now.query, facet.isPiece, usesQuery ? choice.inQuery : ''),
    filter: { ...without(now.filter, facet.members), ...(usesQuery ? {} : choice?.filter) },
  }
}

export function without(filter: UploadFilter, members: readonly (keyof UploadFilter)[]): UploadFilter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !members.some((member) => member === name)))
}

function sameWords(inQuery: string, said: readonly string[]): boolean {
  const pieces = piecesOf(inQuery).map(({ position, end }) => inQuery.slice(position, end))
  return pieces.length === said.length && pieces.every((piece) => said.includes(piece))
}
