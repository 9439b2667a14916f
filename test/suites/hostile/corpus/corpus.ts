import { BOMBS } from './bombs.ts'
import { MUTATIONS } from './mutations.ts'
import { nameFor } from './names.ts'
import { ODDITIES } from './oddities.ts'
import type { Original } from './originals.ts'
import { createRandom, type Random } from './random.ts'
import { type Bait, REFERENCES } from './references.ts'

export interface HostileFile {
  number: number
  /** What is wrong with it, and with which format. */
  kind: string
  name: string
  bytes: Buffer
  /** It asks for other files: whatever comes of it must not show them. */
  refers: boolean
}

export interface CorpusOptions {
  files: number
  seed: number
  originals: readonly [Original, ...Original[]]
  bait: Bait
}

type Maker = (random: Random) => Omit<HostileFile, 'number' | 'name'> & { extension: string }

/**
 * Hostile files, one after another, none of them kept: the same seed gives the same ones. Broken files of every format
 * take two thirds, crafted ones the rest.
 */
export function* createCorpus({ files, seed, originals, bait }: CorpusOptions): Generator<HostileFile> {
  const random = createRandom(seed)
  const mutations = mutationMakers(originals)
  const crafted = craftedMakers(originals, bait)
  for (let number = 0; number < files; number++) {
    const makers = number % 3 === 0 ? crafted : mutations
    const maker = makers[Math.floor(number / 3) % makers.length] ?? mutations[0]
    if (!maker) return
    const { extension, ...file } = (number % 3 === 2 ? random.pick(mutations) : maker)(random)
    yield { number, name: nameFor(extension, number, random), ...file }
  }
}

function mutationMakers(originals: readonly Original[]): [Maker, ...Maker[]] {
  const makers = Object.entries(MUTATIONS).flatMap(([kind, mutate]) =>
    originals.map((original): Maker => {
      const { extension } = original
      return (random) => ({ kind: `${extension}: ${kind}`, extension, bytes: mutate(original, random), refers: false })
    }),
  )
  const [first, ...others] = makers
  if (!first) throw new Error('Expected originals')
  return [first, ...others]
}

function craftedMakers(originals: readonly [Original, ...Original[]], bait: Bait): Maker[] {
  const find = (extension: string) => originals.find((original) => original.extension === extension) ?? originals[0]
  return [
    ...Object.entries(BOMBS).map(
      ([kind, make]): Maker =>
        (random) =>
          describe(kind, make(random)),
    ),
    ...Object.entries(ODDITIES).map(
      ([kind, make]): Maker =>
        (random) =>
          describe(kind, make(random, find)),
    ),
    ...Object.entries(REFERENCES).map(
      ([kind, make]): Maker =>
        (random) => ({ ...describe(kind, make(bait, random, find)), refers: true }),
    ),
  ]
}

function describe(kind: string, [extension, bytes]: [string, Buffer]) {
  return { kind, extension, bytes, refers: false }
}
