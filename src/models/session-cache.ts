import { totalmem } from 'node:os'
import { InferenceSession } from 'onnxruntime-node'

/** A graph on disk, by path: weights beside it (`<graph>_data`) are found by the runtime itself. */
export interface GraphFile {
  readonly path: string
  /** Threads that one run may use. */
  readonly threads: number
}

interface Opened {
  readonly session: Promise<InferenceSession>
  usedAtMs: number
}

/** Longer unused than this, a session goes when memory is short. */
const SPARE_AFTER_MS = 60_000
/** And after this in any case: whoever comes next waits a second or two for it. */
const IDLE_AFTER_MS = 15 * 60_000
/** Less than this part of the memory left means that the next thing to be loaded may not fit. */
const SHORT_FRACTION = 0.1

/** The sessions of this thread. Loaded when first asked for: a thread that never captions holds no captioner. */
const opened = new Map<string, Opened>()

/** A failed load is tried again at the next call. */
export function openSession({ path, threads }: GraphFile): Promise<InferenceSession> {
  const known = opened.get(path)
  if (known) {
    known.usedAtMs = performance.now()
    return known.session
  }
  const session = InferenceSession.create(path, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Threads that spin while they wait take twice the processor for nothing.
    ...(threads > 1 ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
  }).catch((thrown: unknown) => {
    opened.delete(path)
    throw thrown
  })
  opened.set(path, { session, usedAtMs: performance.now() })
  return session
}

/** Lets go of sessions that were not used for long. To be called when a task ends: no session may be running. */
export async function releaseUnused(nowMs = performance.now(), isShort = isMemoryShort()): Promise<void> {
  const limitMs = isShort ? SPARE_AFTER_MS : IDLE_AFTER_MS
  for (const [path, { session, usedAtMs }] of opened) {
    if (nowMs - usedAtMs < limitMs) continue
    opened.delete(path)
    await (await session).release()
  }
}

/** How many sessions this thread holds. */
export function countSessions(): number {
  return opened.size
}

/** Of the machine, or of the container where one sets a limit. */
function isMemoryShort(): boolean {
  const limit = process.constrainedMemory()
  const total = limit > 0 && limit < totalmem() ? limit : totalmem()
  return process.availableMemory() < total * SHORT_FRACTION
}
