import { type Static, Type } from 'typebox'
import { AppError } from '../../errors.ts'
import type { PackFiles } from '../pack-files.ts'

const Tokens = Type.Union([Type.Integer(), Type.Array(Type.Integer())])
const Optional = <Schema extends Parameters<typeof Type.Optional>[0]>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

const SettingsSchema = Type.Object({
  decoder_start_token_id: Optional(Type.Integer()),
  bos_token_id: Optional(Type.Integer()),
  eos_token_id: Optional(Tokens),
  forced_bos_token_id: Optional(Type.Integer()),
  forced_eos_token_id: Optional(Tokens),
  no_repeat_ngram_size: Optional(Type.Integer({ minimum: 0 })),
  bad_words_ids: Optional(Type.Array(Type.Array(Type.Integer()))),
  min_length: Optional(Type.Integer({ minimum: 0 })),
  length_penalty: Optional(Type.Number()),
  early_stopping: Optional(Type.Union([Type.Boolean(), Type.Literal('never')])),
})
type Settings = Static<typeof SettingsSchema>

const ConfigSchema = Type.Intersect([
  SettingsSchema,
  Type.Object({ decoder: Optional(SettingsSchema), text_config: Optional(SettingsSchema) }),
])

/** How a decoder writes; the names are those of transformers' GenerationConfig. Lengths include the start token. */
export interface Generation {
  readonly startToken: number
  /** Tokens that end a text. The start token may be one of them: only what was written is compared. */
  readonly endTokens: readonly number[]
  readonly forcedFirst: number | undefined
  /** Put at the very end when there is no room left. */
  readonly forcedLast: readonly number[]
  readonly maxLength: number
  readonly minLength: number
  /** No run of so many tokens occurs twice; 0 for no such rule. */
  readonly noRepeatNgram: number
  readonly badWords: readonly (readonly number[])[]
  readonly beams: number
  /** The sum of log-probabilities is divided by the length to this power: above 0 favours longer texts. */
  readonly lengthPenalty: number
  readonly earlyStopping: boolean | 'never'
}

/** What the manifest decides. */
export interface GenerationLimits {
  readonly beams?: number
  readonly max_new_tokens: number
}

/**
 * Merges what the files of a model say, each over the one before: config.json, its part about the decoder,
 * generation_config.json; the manifest decides beams and length.
 * @throws AppError MODEL_FAILED when no file says which token a text begins with.
 */
export async function readGeneration(files: PackFiles, source: string, limits: GenerationLimits): Promise<Generation> {
  const config = await files.readJson(source, 'config.json', ConfigSchema)
  const own = await files.readJson(source, 'generation_config.json', SettingsSchema)
  const merged = mergeSettings(config, config?.decoder, config?.text_config, own)
  const startToken = merged.decoder_start_token_id ?? merged.bos_token_id
  if (typeof startToken !== 'number') {
    throw new AppError('MODEL_FAILED', { detail: `The files of ${source} do not say which token a text begins with.` })
  }
  return {
    startToken,
    endTokens: toList(merged.eos_token_id),
    forcedFirst: merged.forced_bos_token_id ?? undefined,
    forcedLast: toList(merged.forced_eos_token_id),
    maxLength: 1 + limits.max_new_tokens,
    minLength: merged.min_length ?? 0,
    noRepeatNgram: merged.no_repeat_ngram_size ?? 0,
    badWords: merged.bad_words_ids ?? [],
    beams: limits.beams ?? 1,
    lengthPenalty: merged.length_penalty ?? 1,
    earlyStopping: merged.early_stopping ?? false,
  }
}

/** A null says nothing: the file before it counts. */
function mergeSettings(...parts: readonly (Settings | null | undefined)[]): Settings {
  const said = parts.flatMap((part) => Object.entries(part ?? {}).filter(([, value]) => value !== null))
  return Object.fromEntries(said)
}

function toList(value: number | readonly number[] | null | undefined): readonly number[] {
  if (value === null || value === undefined) return []
  return typeof value === 'number' ? [value] : value
}
