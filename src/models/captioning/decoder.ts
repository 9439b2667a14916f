import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { booleanTensor, floatsOf, fullMask, int64Tensor, pickRows } from '../tensors.ts'
import { type Cache, createEmptyCache, findCacheInputs, listCacheOutputs, updateCache } from './cache.ts'

/** One step of writing: the scores of what may come next, and what the decoder remembers of the texts so far. */
export interface Step {
  /** Unnormalised, one row of the whole vocabulary per text. */
  readonly logits: readonly Float32Array[]
  readonly cache: Cache
}

/** A network that continues texts about one picture. */
export interface Decoder {
  /**
   * Scores the next token of texts of the same length. With the cache of their last step (rows in the same order) only
   * their last tokens are computed.
   */
  step(texts: readonly (readonly number[])[], cache?: Cache): Promise<Step>
}

export interface DecoderParts {
  readonly session: InferenceSession
  /** What the decoder makes of the picture, when that is a graph of its own: see `openSplitSession`. */
  readonly once?: InferenceSession | undefined
  /** `last_hidden_state` of the encoder, [1, positions, channels]. */
  readonly encoded: Tensor
  /** For decoders that take vectors instead of tokens. */
  readonly embed?: ((tokens: Tensor) => Promise<Tensor>) | undefined
}

/** The input by which decoders are shown the picture. */
export const ENCODED = 'encoder_hidden_states'

/**
 * Runs a decoder that transformers exported: merged (`use_cache_branch`), with a past only, or without any cache.
 * Which it is, and the sizes of its cache, are read from its inputs.
 * @throws Error naming the input, for a decoder that wants something else.
 */
export function createDecoder({ session, once, encoded, embed }: DecoderParts): Decoder {
  const cacheInputs = findCacheInputs(session)
  const encodedRows = perCount((rows) => pickRows(encoded, Array<number>(rows).fill(0)))
  const seenRows = perCount((rows) => once?.run({ [ENCODED]: encodedRows(rows) }))

  return {
    async step(texts, cache) {
      const rows = texts.length
      const length = texts[0]?.length ?? 0
      const hasPast = cache !== undefined && cacheInputs.length > 0
      const tokens = int64Tensor(hasPast ? texts.map((text) => text.slice(-1)) : texts)
      const past = hasPast ? cache : createEmptyCache(cacheInputs, rows)
      const known: Record<string, () => Tensor | Promise<Tensor>> = {
        input_ids: () => tokens,
        ...(embed && { inputs_embeds: () => embed(tokens) }),
        [ENCODED]: () => encodedRows(rows),
        encoder_attention_mask: () => fullMask(rows, encoded.dims[1] ?? 0),
        attention_mask: () => fullMask(rows, length),
        position_ids: () => int64Tensor(texts.map((text) => positions(hasPast ? length - 1 : 0, text.length))),
        use_cache_branch: () => booleanTensor(hasPast),
      }
      const feeds: Record<string, Tensor> = { ...Object.fromEntries(past), ...(await seenRows(rows)) }
      for (const name of session.inputNames) {
        if (name in feeds) continue
        const make = known[name]
        if (make === undefined) throw new Error(`The decoder wants the input "${name}", which is not known here.`)
        feeds[name] = await make()
      }
      const outputs = await session.run(feeds, ['logits', ...listCacheOutputs(cacheInputs, !hasPast)])
      return { logits: lastRows(outputs.logits, rows), cache: updateCache(past, outputs) }
    },
  }
}

/** The scores at the last position of each text: [rows, positions, vocabulary] -> rows of the vocabulary. */
function lastRows(logits: Tensor | undefined, rows: number): Float32Array[] {
  const all = floatsOf(logits)
  const [, length = 1, size = 0] = logits?.dims ?? []
  return Array.from({ length: rows }, (_, row) => all.slice(((row + 1) * length - 1) * size, (row + 1) * length * size))
}

function positions(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

/** Made when it is first asked for, per number of texts. */
function perCount<Value>(make: (rows: number) => Value): (rows: number) => Value {
  const made = new Map<number, Value>()
  return (rows) => {
    const value = made.get(rows) ?? make(rows)
    made.set(rows, value)
    return value
  }
}
