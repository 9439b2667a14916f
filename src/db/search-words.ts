import type { Sql, TransactionSql } from './client.ts'
import type { UploadRow } from './uploads.ts'

/** The words an upload is found by, the weightier first. */
export interface SearchWords {
  description: string
  ocrText: string
  name: string
  camera: string
}

/** Gathers the words of an upload. The name is split where people put signs instead of spaces. */
export function toSearchWords(upload: Pick<UploadRow, 'description' | 'ocrText' | 'filename' | 'camera'>): SearchWords {
  return {
    description: upload.description ?? '',
    ocrText: upload.ocrText ?? '',
    name: plainWords(upload.filename),
    camera: upload.camera ?? '',
  }
}

/**
 * Letters and digits, blanks between them. Text is written this way into the plain part of the search document and into
 * the queries for it, so that "IMG_0012.jpg" and "well-known" are the same words on both sides.
 */
export function plainWords(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ').trim()
}

/** Words that are worth suggesting: shorter ones and numbers help nobody who types. */
const SUGGESTED_WORD = /^[\p{L}\p{M}]{3,40}$/u
/** Of a page full of text the first words are enough. */
const SUGGESTED_WORDS_MAX = 100

function toSuggestions({ description, ocrText, name, camera }: SearchWords): string[] {
  const words = plainWords(`${description} ${name} ${ocrText}`).toLowerCase().split(' ')
  const distinct = [...new Set(words)].filter((word) => SUGGESTED_WORD.test(word)).slice(0, SUGGESTED_WORDS_MAX)
  return [...distinct.map((word) => `word:${word}`), ...(camera === '' ? [] : [`camera:${camera}`])]
}

/**
 * The assignments that make an upload findable by its words and suggest it; for the last stage, and for whoever edits
 * them later. English stems find "dogs" by "dog"; the plain form finds names, codes, exact phrases, and beginnings of
 * words. Words that English leaves out ("the") are not suggested.
 */
export const indexedWords = (tx: Sql | TransactionSql, words: SearchWords) => {
  const { description, ocrText, name, camera } = words
  return tx`
    search_document = setweight(to_tsvector('english', ${description}), 'A')
      || setweight(to_tsvector('simple', ${plainWords(description)}), 'A')
      || setweight(to_tsvector('english', ${ocrText}), 'B')
      || setweight(to_tsvector('simple', ${plainWords(ocrText)}), 'B')
      || setweight(to_tsvector('english', ${name}), 'C') || setweight(to_tsvector('simple', ${name}), 'C')
      || setweight(to_tsvector('simple', ${plainWords(camera)}), 'D'),
    suggested = array(
      select entry from unnest(${toSuggestions(words)}::text[]) as entry
      where entry not like 'word:%' or ts_lexize('english_stem', substr(entry, 6)) <> '{}'
      union
      select 'label:' || lower(seen ->> 'label') from jsonb_array_elements(objects) as seen
      where seen ->> 'label' is not null)`
}
