import type { VectorQuery } from '../db/search.ts'
import { type Encoder, encodersOf, type ModelPack } from '../models/pack.ts'

/** What a search needs of a model pack. */
export type SearchPack = Pick<ModelPack, 'textEncoder' | 'imageEncoder' | 'sharesSpace'>

/** The pack that searches use at this moment. */
export type ActivePack = () => SearchPack

/** Enough for everybody who turns pages or edits a query; a vector has some kilobytes. */
const CACHED_VECTORS_MAX = 500

/** Turns what is looked for into a query per space. An encoder that fails is an error, never a signal left out. */
export function createQueryVectors(pack: ActivePack) {
  const cache = createLru<Float32Array | undefined>(CACHED_VECTORS_MAX)

  async function embed({ textEncoder }: SearchPack, text: string): Promise<Float32Array | undefined> {
    const key = `${textEncoder.fingerprint}\n${text}`
    const known = cache.get(key)
    if (known) return known.value
    const value = await textEncoder.embedQuery(text, { priority: 'query' })
    cache.set(key, value)
    return value
  }

  return {
    /** A text against descriptions and, where the pack can compare the two, against pictures. */
    async ofText(text: string, threshold = 0): Promise<VectorQuery[]> {
      const used = pack()
      const { textEncoder, imageEncoder, sharesSpace } = used
      const vector = text === '' ? undefined : await embed(used, text)
      if (!vector) return []
      const to = (signal: VectorQuery['signal'], encoder: Pick<Encoder, 'fingerprint' | 'relevanceFloor'>) => {
        const floor = Math.max(threshold, encoder.relevanceFloor)
        return { signal, model: encoder.fingerprint, vectors: [vector], floor }
      }
      return [to('description', textEncoder), ...(sharesSpace ? [to('picture', imageEncoder)] : [])]
    },

    /** Pictures, whose vectors `of` finds or makes; empty when there is none. */
    async ofPictures(
      of: (pack: SearchPack) => Promise<readonly Float32Array[]>,
      threshold = 0,
    ): Promise<VectorQuery[]> {
      const used = pack()
      const vectors = await of(used)
      const { fingerprint: model } = used.imageEncoder
      return vectors.length === 0 ? [] : [{ signal: 'picture', model, vectors, floor: threshold }]
    },

    /** Names the spaces: with others, a ranking is another one. */
    spaces: () => encodersOf(pack()),
  }
}

/** What was used longest ago goes first. A Map keeps the order in which keys came. */
function createLru<T>(max: number) {
  const entries = new Map<string, { value: T }>()
  return {
    get(key: string): { value: T } | undefined {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },
    set(key: string, value: T): void {
      entries.set(key, { value })
      const [oldest] = entries.keys()
      if (entries.size > max && oldest !== undefined) entries.delete(oldest)
    },
  }
}
