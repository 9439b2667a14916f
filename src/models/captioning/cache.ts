import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { emptyTensor, type FloatType, pickRows } from '../tensors.ts'

/** Keys and values of the tokens so far, by the name of the input they go back into; one row per text. */
export type Cache = ReadonlyMap<string, Tensor>

interface CacheInput {
  readonly name: string
  readonly type: FloatType
  /** Dimensions that are free are undefined. */
  readonly dims: readonly (number | undefined)[]
}

const PAST = 'past_key_values.'
const PRESENT = 'present.'
/** Keys and values of the picture: the first step gives them, later steps give placeholders under the same name. */
const ENCODER_PART = '.encoder.'

/** What a decoder keeps between its steps, read off its inputs: any number of layers, heads and sizes. */
export function findCacheInputs({ inputMetadata }: InferenceSession): CacheInput[] {
  return inputMetadata.flatMap((input) => {
    if (!input.name.startsWith(PAST) || !input.isTensor) return []
    const type = input.type === 'float16' ? 'float16' : 'float32'
    return [{ name: input.name, type, dims: input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined)) }]
  })
}

/** Before the first step: as many rows as texts, and no past. */
export function createEmptyCache(inputs: readonly CacheInput[], rows: number): Cache {
  const shape = ({ dims }: CacheInput) => dims.map((dim, index) => dim ?? (index === 0 ? rows : 0))
  return new Map(inputs.map((input) => [input.name, emptyTensor(input.type, shape(input))]))
}

/** The outputs that a step has to give for the cache; later steps need nothing of the picture again. */
export function listCacheOutputs(inputs: readonly CacheInput[], isFirst: boolean): string[] {
  const wanted = isFirst ? inputs : inputs.filter(({ name }) => !name.includes(ENCODER_PART))
  return wanted.map(({ name }) => name.replace(PAST, PRESENT))
}

/** The cache after a step: what the step gave, and of the rest what was there before. */
export function updateCache(cache: Cache, outputs: Readonly<Record<string, Tensor>>): Cache {
  return new Map([...cache].map(([name, before]) => [name, outputs[name.replace(PAST, PRESENT)] ?? before]))
}

/** The cache for texts that go on from other rows: `parents[i]` is the row that text `i` continues. */
export function followParents(cache: Cache, parents: readonly number[]): Cache {
  const isSame = (tensor: Tensor) => tensor.dims[0] === parents.length && parents.every((row, index) => row === index)
  return new Map([...cache].map(([name, tensor]) => [name, isSame(tensor) ? tensor : pickRows(tensor, parents)]))
}
