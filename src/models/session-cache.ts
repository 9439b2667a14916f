import { totalmem } from 'node:os'
import { dirname } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { readModel } from './onnx/graph.ts'
import { splitGraph, type TypedValue } from './onnx/split-graph.ts'
import { DATA_TYPES, type DataType } from './onnx/writer.ts'

/** A graph on disk, by path: weights beside it (`<graph>_data`) are found by the runtime itself. */
export interface GraphFile {
  readonly path: string
  /** Threads that one run may use. */
  readonly threads: number
}

/** A graph in two sessions: what depends on one of its inputs alone runs once, the rest as often as it is wanted. */
export interface SplitSession {
  /** From that input to what the rest needs of it; undefined when the graph could not be split. */
  readonly once: InferenceSession | undefined
  readonly rest: InferenceSession
}

interface Opened<Sessions> {
  readonly sessions: Promise<Sessions>
  readonly release: () => Promise<void>
  usedAtMs: number
}

/** Longer unused than this, a session goes when memory is short. */
const SPARE_AFTER_MS = 60_000
/** And after this in any case: whoever comes next waits a second or two for it. */
const IDLE_AFTER_MS = 15 * 60_000
/** Less than this part of the memory left means that the next thing to be loaded may not fit. */
const SHORT_FRACTION = 0.1

/** The sessions of this thread. Loaded when first asked for: a thread that never captions holds no captioner. */
const whole = new Map<string, Opened<InferenceSession>>()
const split = new Map<string, Opened<SplitSession>>()

/** A failed load is tried again at the next call. */
export function openSession({ path, threads }: GraphFile): Promise<InferenceSession> {
  return keep(
    whole,
    path,
    () => InferenceSession.create(path, settings(threads)),
    (session) => [session],
  )
}

/** Opens a graph for runs that all get the same `input`. A failed load is tried again at the next call. */
export function openSplitSession(graph: GraphFile, input: string): Promise<SplitSession> {
  return keep(
    split,
    `${graph.path} ${input}`,
    () => createSplitSession(graph, input),
    ({ once, rest }) => (once ? [once, rest] : [rest]),
  )
}

async function createSplitSession({ path, threads }: GraphFile, input: string): Promise<SplitSession> {
  const parts = splitGraph(readModel(path), input)
  if (parts === undefined) return { once: undefined, rest: await InferenceSession.create(path, settings(threads)) }
  // The weights of both parts stay in the file of the whole.
  const options = settings(threads, { model_external_initializers_file_folder_path: dirname(path) })
  const once = await InferenceSession.create(parts.once, options)
  const values = once.outputMetadata.map(typeOf)
  return { once, rest: await InferenceSession.create(parts.rest(values), options) }
}

function typeOf(value: InferenceSession.ValueMetadata): TypedValue {
  if (!value.isTensor || !isDataType(value.type))
    throw new Error(`The graph makes a value that is no tensor: ${value.name}.`)
  return {
    name: value.name,
    type: value.type,
    dims: value.shape.map((dim, axis) => (typeof dim === 'number' ? dim : `${value.name}/${axis}`)),
  }
}

const isDataType = (type: string): type is DataType => type in DATA_TYPES

function settings(threads: number, session: Readonly<Record<string, unknown>> = {}): InferenceSession.SessionOptions {
  // Threads that spin while they wait take twice the processor for nothing.
  const quiet = threads > 1 ? { intra_op: { allow_spinning: '0' } } : {}
  return { intraOpNumThreads: threads, interOpNumThreads: 1, extra: { session: { ...session, ...quiet } } }
}

function keep<Sessions>(
  opened: Map<string, Opened<Sessions>>,
  key: string,
  create: () => Promise<Sessions>,
  list: (sessions: Sessions) => readonly InferenceSession[],
): Promise<Sessions> {
  const known = opened.get(key)
  if (known) {
    known.usedAtMs = performance.now()
    return known.sessions
  }
  const sessions = create().catch((thrown: unknown) => {
    opened.delete(key)
    throw thrown
  })
  const release = async () => {
    opened.delete(key)
    for (const session of list(await sessions)) await session.release()
  }
  opened.set(key, { sessions, release, usedAtMs: performance.now() })
  return sessions
}

/** Lets go of sessions that were not used for long. To be called when a task ends: no session may be running. */
export async function releaseUnused(nowMs = performance.now(), isShort = isMemoryShort()): Promise<void> {
  const limitMs = isShort ? SPARE_AFTER_MS : IDLE_AFTER_MS
  for (const { release, usedAtMs } of [...whole.values(), ...split.values()]) {
    if (nowMs - usedAtMs >= limitMs) await release()
  }
}

/** How many graphs this thread holds. */
export function countSessions(): number {
  return whole.size + split.size
}

/** Of the machine, or of the container where one sets a limit. */
function isMemoryShort(): boolean {
  const limit = process.constrainedMemory()
  const total = limit > 0 && limit < totalmem() ? limit : totalmem()
  return process.availableMemory() < total * SHORT_FRACTION
}
