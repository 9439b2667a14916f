import { type Static, Type } from 'typebox'
import { CursorSchema, Nullable } from './fields.ts'
import { uploadFilterFields } from './filters.ts'
import { UploadSchema } from './uploads.ts'

/**
 * What found a hit: the very words (a phrase, a whole file name), words in the text, the meaning of the description, or
 * the picture itself.
 */
export const SIGNALS = ['exact', 'text', 'description', 'picture'] as const
export type Signal = (typeof SIGNALS)[number]

/** PostgreSQL takes any text but NUL. */
export const QuerySchema = Type.String({
  maxLength: 500,
  pattern: '^[^\\u0000]*$',
  description:
    'Words, `"exact words"`, `-without`, and filters such as `type:video`. Filters alone list the newest first.',
})

const HITS_MAX = 100
export const HitLimitSchema = Type.Optional(Type.Integer({ minimum: 1, maximum: HITS_MAX, default: 20 }))

const ThresholdSchema = Type.Optional(
  Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'The least cosine at which meaning and likeness count. The model pack has its own, below which none does.',
  }),
)

const paging = { threshold: ThresholdSchema, limit: HitLimitSchema, cursor: CursorSchema }

/** The filters stand beside the query; those inside the query hold as well. */
export const SearchRequestSchema = Type.Object(
  { query: QuerySchema, ...uploadFilterFields, ...paging },
  { additionalProperties: false },
)
export type SearchRequest = Static<typeof SearchRequestSchema>

export const SnippetSchema = Type.Object(
  {
    field: Type.Enum(['description', 'ocr_text', 'filename', 'camera']),
    text: Type.String({ description: 'Plain text, as it was read or written: escape it like any other.' }),
    matches: Type.Array(
      Type.Object(
        { start: Type.Integer(), end: Type.Integer() },
        { description: 'From `start` up to `end`, in UTF-16 units.' },
      ),
    ),
  },
  { description: 'Where the words of the query stand. Null when meaning alone found it.' },
)
export type Snippet = Static<typeof SnippetSchema>

export const SearchHitSchema = Type.Object({
  rank: Type.Integer({ minimum: 1, description: 'Goes on from page to page.' }),
  score: Type.Number({ description: '0 to 1; compares hits of one search, not searches with each other.' }),
  signals: Type.Partial(
    Type.Object({
      exact: Type.Number({ description: 'It holds the very words, or its file name is the query.' }),
      text: Type.Number({ description: 'Rank of the words, as PostgreSQL counts it.' }),
      description: Type.Number({ description: 'Cosine between the query and the closest idea of the description.' }),
      picture: Type.Number({ description: 'Cosine between the query and the picture.' }),
    }),
  ),
  snippet: Nullable(SnippetSchema),
  moment_ms: Nullable(Type.Integer({ description: 'For a video found by its pictures: where in it.' })),
  upload: UploadSchema,
})
export type SearchHit = Static<typeof SearchHitSchema>

export const SearchResultSchema = Type.Object({
  hits: Type.Array(SearchHitSchema),
  total_found: Type.Integer({
    description:
      'Distinct uploads that any signal found, within the filters: by a word, or by a vector above the floor.',
  }),
  total_is_exact: Type.Boolean({
    description:
      'False when `total_found` is a lower bound: a word stands in 2,000 uploads or more, or there are so many vectors that only the nearest were compared.',
  }),
  next_cursor: Nullable(
    Type.String({ description: 'The next page: the same request with `cursor`. Null after the last.' }),
  ),
})
export type SearchResult = Static<typeof SearchResultSchema>

/** For uploads like another one, or like a picture; in the query string. */
export const SimilarQuerySchema = Type.Object({ ...uploadFilterFields, ...paging })
export type SimilarQuery = Static<typeof SimilarQuerySchema>

const BATCH_MAX = 5
export const SearchBatchRequestSchema = Type.Object(
  { searches: Type.Array(SearchRequestSchema, { minItems: 1, maxItems: BATCH_MAX }) },
  { additionalProperties: false },
)
export type SearchBatchRequest = Static<typeof SearchBatchRequestSchema>

const SearchErrorSchema = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  position: Type.Optional(
    Type.Integer({ description: 'With QUERY_INVALID: how many characters stand before the mistake.' }),
  ),
})

export const SearchBatchResultSchema = Type.Object({
  results: Type.Array(
    Type.Object({
      result: Nullable(SearchResultSchema),
      error: Nullable(SearchErrorSchema),
    }),
    { description: 'In the order of the searches; each has either a result or an error.' },
  ),
})
export type SearchBatchResult = Static<typeof SearchBatchResultSchema>

export const SuggestionQuerySchema = Type.Object({
  prefix: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000]*$' }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })),
})
export type SuggestionQuery = Static<typeof SuggestionQuerySchema>

export const SuggestionListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      text: Type.String(),
      kind: Type.Enum(['word', 'label', 'camera'], { description: '`label`: a thing seen in a picture.' }),
      uploads: Type.Integer({ description: 'How many uploads, neither hidden nor in the trash, have it.' }),
    }),
  ),
})
export type SuggestionList = Static<typeof SuggestionListSchema>

export const SearchStatsSchema = Type.Object({
  uploads: Type.Integer({ description: 'All of this account, hidden ones too, without the trash.' }),
  indexed: Type.Integer({ description: 'Those that can be found.' }),
  with_description: Type.Integer(),
  with_text: Type.Integer({ description: 'Those in which text was read.' }),
  models: Type.Array(
    Type.Object({
      model: Type.String(),
      active: Type.Boolean({ description: 'Whether searches use it.' }),
      vectors: Type.Integer(),
      uploads: Type.Integer(),
      coverage: Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Share of the indexed uploads that have a vector of it.',
      }),
    }),
  ),
})
export type SearchStats = Static<typeof SearchStatsSchema>
