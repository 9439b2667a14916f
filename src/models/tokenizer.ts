import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Tokenizer {
  /** With the special tokens that the model wants around a text. */
  encode(text: string): number[]
  /** Without special tokens. */
  decode(tokens: readonly number[]): string
}

export interface TokenRules {
  /** The most tokens; of a longer text the end is cut off, but its last token is kept: it says that the text ends. */
  readonly max: number
  /** Always exactly this many; undefined: as many as there are. */
  readonly padTo?: number | undefined
  readonly padId?: number | undefined
  /** For tokenizer files that do not do it although the model was trained on small letters. */
  readonly lowercase: boolean
}

const loaded = new Map<string, Promise<Tokenizer>>()

/**
 * Opens `tokenizer.json` (and `tokenizer_config.json`) of a folder, once per thread. A vocabulary of 256,000 tokens
 * takes 3 seconds and 100 MB, hence never in the main thread.
 */
export function openTokenizer(directory: string): Promise<Tokenizer> {
  const known = loaded.get(directory)
  if (known) return known
  const loading = loadTokenizer(directory).catch((thrown: unknown) => {
    loaded.delete(directory)
    throw thrown
  })
  loaded.set(directory, loading)
  return loading
}

async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const [library, vocabulary, config] = await Promise.all([
    // Only the packs that are downloaded need it.
    import('@huggingface/tokenizers'),
    readFile(join(directory, 'tokenizer.json'), 'utf8'),
    readFile(join(directory, 'tokenizer_config.json'), 'utf8'),
  ])
  const tokenizer = new library.Tokenizer(JSON.parse(vocabulary), JSON.parse(config))
  return {
    encode: (text) => tokenizer.encode(text).ids,
    decode: (tokens) => tokenizer.decode([...tokens], { skip_special_tokens: true }),
  }
}

export interface TokenizedText {
  readonly tokens: readonly number[]
  /** How many of them are not padding. */
  readonly textLength: number
}

/** The tokens of a text, as many as the model takes. */
export function tokenize({ encode }: Tokenizer, text: string, rules: TokenRules): TokenizedText {
  const tokens = encode(rules.lowercase ? text.toLowerCase() : text)
  const { padTo, padId = 0 } = rules
  const max = Math.min(rules.max, padTo ?? rules.max)
  const kept = tokens.length > max ? [...tokens.slice(0, max - 1), ...tokens.slice(-1)] : tokens
  const padding = Array<number>((padTo ?? kept.length) - kept.length).fill(padId)
  return { tokens: [...kept, ...padding], textLength: kept.length }
}
