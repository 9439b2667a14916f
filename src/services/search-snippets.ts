import { MATCH_END, MATCH_START, type SnippetStore } from '../db/search-snippets.ts'
import type { Snippet } from '../schemas/search.ts'

/** The snippets of a page of hits, by upload. */
export async function loadSnippets(store: SnippetStore, userId: string, text: string, uploadIds: readonly string[]) {
  if (uploadIds.length === 0) return new Map<string, Snippet>()
  const rows = await store.find(userId, text, uploadIds)
  return new Map(rows.map(({ uploadId, field, marked }) => [uploadId, toSnippet(field, marked)]))
}

/** Takes the marks out and says where they were: text and places, so that no client has to trust markup. */
export function toSnippet(field: Snippet['field'], marked: string): Snippet {
  const matches: Snippet['matches'] = []
  let text = ''
  for (const piece of marked.split(MATCH_START)) {
    const [match = '', rest] = piece.split(MATCH_END)
    if (rest !== undefined) matches.push({ start: text.length, end: text.length + match.length })
    text += match + (rest ?? '')
  }
  return { field, text, matches }
}
