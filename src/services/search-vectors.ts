import type { VectorQuery } from '../db/search.ts'
import type { ModelPack } from '../models/pack.ts'

/** What a search needs of a model pack. */
export type SearchPack = Pick<ModelPack, 'textEncoder' | 'imageEncoder' | 'sharesSpace'>

/** The packs that searches use now: one, or two while the library moves from one to another. */
export type ActivePacks = () => readonly SearchPack[]

/** Enough for everybody who turns pages or edits a query; a vector has some kilobytes. */
const CACHED_VECTORS_MAX = 500

/** Turns what is looked for into a query per space. An encoder that fails is an error, never a signal left out. */
export function createQueryVectors(packs: ActivePacks) {
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
    /** A text against descriptions and, where a pack can compare the two, against pictures. */
    async ofText(text: string, threshold = 0): Promise<VectorQuery[]> {
      if (text === '') return []
      const queries: VectorQuery[] = []
      for (const pack of packs()) {
        const vector = await embed(pack, text)
        if (!vector) continue
        const { textEncoder, imageEncoder, sharesSpace } = pack
        const to = (
          signal: VectorQuery['signal'],
          { fingerprint, relevanceFloor }: typeof textEncoder | typeof imageEncoder,
        ) => queries.push({ signal, model: fingerprint, vectors: [vector], floor: Math.max(threshold, relevanceFloor) })
        to('description', textEncoder)
        if (sharesSpace) to('picture', imageEncoder)
      }
      return distinct(queries)
    },

    /** Pictures, whose vectors `of` finds or makes for each pack. */
    async ofPictures(
      of: (pack: SearchPack) => Promise<readonly Float32Array[]>,
      threshold = 0,
    ): Promise<VectorQuery[]> {
      const queries: VectorQuery[] = []
      for (const pack of packs()) {
        const vectors = await of(pack)
        const model = pack.imageEncoder.fingerprint
        if (vectors.length > 0) queries.push({ signal: 'picture', model, vectors, floor: threshold })
      }
      return distinct(queries)
    },

    /** Names the spaces: with others, a ranking is another one. */
    spaces: () =>
      packs().flatMap(({ textEncoder, imageEncoder }) => [textEncoder.fingerprint, imageEncoder.fingerprint]),
  }
}

/** Two packs may share an encoder. */
function distinct(queries: readonly VectorQuery[]): VectorQuery[] {
  return [...new Map(queries.map((query) => [`${query.signal} ${query.model}`, query])).values()]
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
