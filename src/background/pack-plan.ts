import type { ModelPackStore } from '../db/model-packs.ts'
import { encodersOf, type ModelPack } from '../models/pack.ts'
import type { PackChoice } from './pack-switch.ts'
import { type ReembedTools, reembed } from './reembed.ts'

/** What moving to a pack would take. */
export interface PackPlan {
  /** Developed uploads. */
  readonly uploads: number
  /** Those of them that the pack would have to look at. */
  readonly missing: number
  /** Measured on some of them, now, on this machine; null when there is none to measure. */
  readonly estimatedSeconds: number | null
}

export interface PackPlanDeps extends ReembedTools {
  readonly store: ModelPackStore
  openPack(name: string): Promise<ModelPack>
  readonly concurrency: number
}

/** Enough to be right within a factor of two; a person waits for it. */
const SAMPLES = 3
/** Whoever asked has gone by then. */
const TIMEOUT_MS = 5 * 60_000

/** Tries a pack on a few uploads and keeps nothing of it. */
export async function planSwitch(
  { pack: name, captions }: PackChoice,
  { store, openPack, concurrency, ...tools }: PackPlanDeps,
): Promise<PackPlan> {
  const pack = await openPack(name)
  try {
    const redoCaption = captions === 'redo'
    const wanted = { encoders: encodersOf(pack), ...(redoCaption && { captioner: pack.captioner.fingerprint }) }
    const [uploads, missing] = [await store.countDeveloped(), await store.countMissing(wanted)]
    const samples = await store.findMissing(wanted, undefined, SAMPLES)
    if (samples.length === 0) return { uploads, missing, estimatedSeconds: missing === 0 ? 0 : null }
    await pack.warm()
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const startedMs = performance.now()
    for (const upload of samples) await reembed(upload, { pack, redoCaption, signal }, tools)
    const secondsEach = (performance.now() - startedMs) / samples.length / 1000
    return { uploads, missing, estimatedSeconds: Math.ceil((missing * secondsEach) / concurrency) }
  } finally {
    await pack.close()
  }
}
