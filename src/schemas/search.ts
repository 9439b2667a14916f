import { type Static, Type } from 'typebox'
import { Nullable } from './fields.ts'
import { FILE_TYPES, UploadSchema } from './uploads.ts'

/** What found a hit: words in the text, the meaning of the description, or the picture itself. */
export const SIGNALS = ['text', 'description', 'picture'] as const
export type Signal = (typeof SIGNALS)[number]

export const SearchRequestSchema = Type.Object(
  {
    /** PostgreSQL takes any text but NUL. */
    query: Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000]*$' }),
    file_type: Type.Optional(Type.Enum(FILE_TYPES)),
    show_hidden: Type.Optional(Type.Boolean({ default: false })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
)
export type SearchRequest = Static<typeof SearchRequestSchema>

export const SearchHitSchema = Type.Object({
  rank: Type.Integer({ minimum: 1 }),
  score: Type.Number({ description: '0 to 1; compares hits of one search, not searches with each other.' }),
  signals: Type.Partial(
    Type.Object({
      text: Type.Number({ description: 'Rank of the words, as PostgreSQL counts it.' }),
      description: Type.Number({ description: 'Cosine between the query and the closest idea of the description.' }),
      picture: Type.Number({ description: 'Cosine between the query and the picture.' }),
    }),
  ),
  moment_ms: Nullable(Type.Integer({ description: 'For a video found by its pictures: where in it.' })),
  upload: UploadSchema,
})
export type SearchHit = Static<typeof SearchHitSchema>

export const SearchResultSchema = Type.Object({ hits: Type.Array(SearchHitSchema) })
export type SearchResult = Static<typeof SearchResultSchema>

export const SimilarQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  show_hidden: Type.Optional(Type.Boolean({ default: false })),
})
export type SimilarQuery = Static<typeof SimilarQuerySchema>
