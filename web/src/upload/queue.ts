import { batch, effect, type ReadonlySignal, signal } from '@preact/signals'
import type { BatchDetail } from '../../../src/schemas/batches.ts'
import type { ClientConfig } from '../../../src/schemas/server.ts'
import type { Upload } from '../../../src/schemas/uploads.ts'
import { isAbort, sentence } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import { clientConfig } from '../api/server.ts'
import { connection, noteUpload, peekProgress } from '../live/store.ts'
import { formatBytes } from '../parts/format.ts'
import { createItem, type HandOver, type HandOverItem, isSettled, type QueuedItem } from './item.ts'
import { type Slice, sliceBytes, sliceFiles, takeSlice } from './slices.ts'
import { createBytesSpread } from './spread.ts'
import { createTotals } from './totals.ts'
import { transfer } from './transfer.ts'
import { type Remedy, remedyFor } from './trouble.ts'

export type { HandOver, HandOverItem } from './item.ts'
export type { HandOverTotals } from './totals.ts'

/** Requests at a time: the server writes one file while the next arrives. More would only share the same wire. */
const AT_A_TIME = 2

/** A hand-over of so few files goes one by one: single uploads wait for no batch. */
const SINGLE_MAX = 4

const all = signal<readonly QueuedItem[]>([])
const sums = createTotals()
let waiting: QueuedItem[] = []
const running = new Map<Slice, AbortController>()
let slicesTaken = 0
let troubles = 0
let pauseTimer: ReturnType<typeof setTimeout> | undefined
let owner: string | undefined
let isPaused = false

/** Everything that was handed over since the page was opened, in order. */
export const items: ReadonlySignal<readonly HandOverItem[]> = all

export const totals = sums.shown

/** Hands files over: they are sent one after another, in slices, as many as there are. */
export function handOver(files: Iterable<File>): void {
  const handed = [...files]
  addToQueue(handed, handed.length <= SINGLE_MAX)
}

/** Some of a hand-over whose end is not known yet: a folder that is being read. */
export function handOverMore(files: readonly File[]): void {
  addToQueue(files, false)
}

/** Sends what was refused or cancelled again. */
export function retry(item: HandOverItem): void {
  const queued = find(item)
  if (queued?.file === undefined || !isSettled(item.state.value)) return
  sums.move(queued, { step: 'waiting' })
  waiting.push(queued)
  void pump()
}

/** Takes it out of the queue. In the middle of a slice the others of the slice are sent anew. */
export function cancel(item: HandOverItem): void {
  const queued = find(item)
  if (queued === undefined || isSettled(item.state.value)) return
  sums.move(queued, { step: 'cancelled' })
  waiting = waiting.filter((other) => other !== queued)
  for (const [slice, controller] of running) if (slice.items.includes(queued)) controller.abort()
}

/** Takes everything that is not sent yet out of the queue. What the server has is kept. */
export function cancelAll(): void {
  batch(() => {
    for (const item of all.value) if (!isSettled(item.state.value)) sums.move(item, { step: 'cancelled' })
  })
  waiting = []
  for (const controller of running.values()) controller.abort()
  resumeNow()
}

/** Takes what was refused, cancelled, or there already off the list. */
export function clearSettled(): void {
  const { kept, rest } = splitSettled()
  all.value = kept
  sums.removed(rest)
}

/** Whether closing the page now would lose something. */
export function isSending(): boolean {
  return waiting.length > 0 || running.size > 0
}

/** Whose files these are. Signed out, the queue waits; for somebody else it starts empty. */
export function setOwner(userId: string | undefined): void {
  if (userId !== undefined && owner !== undefined && userId !== owner) {
    cancelAll()
    all.value = []
    sums.clear()
  }
  isPaused = userId === undefined
  owner = userId ?? owner
  if (userId !== undefined) void pump()
}

function addToQueue(files: readonly File[], isSingle: boolean): void {
  if (files.length === 0) return
  const added = files.map((file) => createItem(file, isSingle))
  all.value = [...all.value, ...added]
  sums.added(added)
  for (const item of added) waiting.push(item)
  void pump()
}

/** Starts as many requests as may run. */
async function pump(): Promise<void> {
  if (isPaused || pauseTimer !== undefined || waiting.length === 0) return
  const config = await clientConfig().catch((thrown: unknown) => waitAndGoOn(remedyFor(thrown, troubles++)))
  if (config === undefined) return
  refuseTooLarge(config)
  while (running.size < AT_A_TIME && !isPaused && pauseTimer === undefined) {
    const files = sliceFiles(slicesTaken, config.batch_max_files)
    const slice = takeSlice(waiting, files, sliceBytes(sums.speed()))
    if (slice === undefined) return
    if (!slice.isSingle) slicesTaken += 1
    void sendSlice(slice)
  }
}

/** What the server would refuse after it was sent is refused before. */
function refuseTooLarge({ upload_max_bytes: maxBytes }: ClientConfig): void {
  if (!waiting.some(({ sizeBytes }) => sizeBytes > maxBytes)) return
  const reason = `The file is larger than the ${formatBytes(maxBytes)} this server takes.`
  for (const item of waiting) {
    if (item.sizeBytes > maxBytes) sums.move(item, { step: 'refused', sentence: reason, code: 'UPLOAD_TOO_LARGE' })
  }
  waiting = waiting.filter(({ sizeBytes }) => sizeBytes <= maxBytes)
}

async function sendSlice(slice: Slice): Promise<void> {
  const controller = new AbortController()
  running.set(slice, controller)
  const spread = createBytesSpread(slice.items, (item, share) => sums.move(item, { step: 'sending', share }))
  const files = slice.items.flatMap(({ file }) => file ?? [])
  try {
    const path = slice.isSingle ? '/v1/upload' : '/v1/batches'
    const { status, body } = await transfer(path, files, controller.signal, (sent, of) => {
      sums.sent(slice, spread(sent, of))
    })
    troubles = 0
    sums.pause(undefined)
    batch(() =>
      slice.isSingle ? settleSingle(slice, body as Upload, status === 201) : settleBatch(slice, body as BatchDetail),
    )
  } catch (thrown) {
    await recover(slice, thrown)
  } finally {
    running.delete(slice)
    sums.sent(slice, undefined)
    if (!isSending()) slicesTaken = 0
    void pump()
  }
}

function settleSingle({ items: [item] }: Slice, upload: Upload, isNew: boolean): void {
  if (item === undefined) return
  const ended = upload.status === 'completed' || upload.status === 'failed'
  if (!ended && peekProgress(upload.id) === undefined) noteUpload(upload, null)
  settle(item, upload.id, isNew)
}

function settleBatch(slice: Slice, detail: BatchDetail): void {
  for (const [index, answer] of detail.items.entries()) {
    const item = slice.items[index]
    if (item === undefined) continue
    const { upload_id: id, verdict, error_message, error_code } = answer
    if (id === null || verdict === 'rejected') {
      if (item.state.value.step === 'cancelled') continue
      const reason = error_message ?? 'The server refused it without a reason.'
      sums.move(item, { step: 'refused', sentence: reason, code: error_code ?? '' })
      continue
    }
    if (verdict === 'accepted' && peekProgress(id) === undefined) {
      noteUpload({ id, filename: answer.filename, file_size: item.sizeBytes }, detail.batch.id)
    }
    settle(item, id, verdict === 'accepted')
  }
}

function settle(item: QueuedItem, uploadId: string, isNew: boolean): void {
  item.file = undefined
  const isOurs = isNew || item.attempts > 0
  sums.move(item, { step: isOurs ? 'kept' : 'duplicate', uploadId })
}

/** A request failed: what it held is refused, or waits for another try. */
async function recover(slice: Slice, thrown: unknown): Promise<void> {
  const left = slice.items.filter(({ state }) => !isSettled(state.value))
  const remedy: Remedy = isAbort(thrown) ? { kind: 'again', afterMs: 0 } : remedyFor(thrown, troubles)
  if (remedy.kind === 'refuse') {
    batch(() => {
      for (const item of left) sums.move(item, refusal(thrown))
    })
    return
  }
  const readable = await refuseUnreadable(left)
  batch(() => {
    for (const item of readable) {
      item.attempts += 1
      sums.move(item, { step: 'waiting' })
    }
  })
  waiting.unshift(...readable)
  // One file that cannot be read ends the whole request without a word; the rest need not wait for that.
  if (remedy.afterMs > 0 && readable.length === left.length) {
    troubles += 1
    waitAndGoOn(remedy)
  }
}

function waitAndGoOn(remedy: Remedy): undefined {
  if (remedy.kind !== 'again' || pauseTimer !== undefined) return
  sums.pause(remedy.why)
  pauseTimer = setTimeout(resumeNow, remedy.afterMs)
}

function resumeNow(): void {
  clearTimeout(pauseTimer)
  pauseTimer = undefined
  sums.pause(undefined)
  void pump()
}

/** A file that was moved or deleted since it was chosen. @returns the others */
async function refuseUnreadable(items: readonly QueuedItem[]): Promise<QueuedItem[]> {
  const readable: QueuedItem[] = []
  for (const item of items) {
    const isThere = await item.file
      ?.slice(0, 1)
      .arrayBuffer()
      .then(
        () => true,
        () => false,
      )
    if (isSettled(item.state.value)) continue
    if (isThere) readable.push(item)
    else sums.move(item, { step: 'refused', sentence: UNREADABLE, code: 'UNREADABLE' })
  }
  return readable
}

const UNREADABLE = 'The file cannot be read any more. It was moved, changed or deleted since it was chosen.'

function refusal(thrown: unknown): HandOver {
  return { step: 'refused', sentence: sentence(thrown), code: thrown instanceof ApiError ? thrown.code : '' }
}

function splitSettled(): { kept: QueuedItem[]; rest: QueuedItem[] } {
  const kept: QueuedItem[] = []
  const rest: QueuedItem[] = []
  for (const item of all.value) {
    const { step } = item.state.value
    if (step === 'refused' || step === 'cancelled' || step === 'duplicate') rest.push(item)
    else kept.push(item)
  }
  return { kept, rest }
}

function find(item: HandOverItem): QueuedItem | undefined {
  return all.value.find(({ key }) => key === item.key)
}

// Whoever waits to try again need not wait longer than the server is away.
addEventListener('online', resumeNow)
effect(() => {
  if (connection.value === 'open') resumeNow()
})

addEventListener('beforeunload', (event) => {
  if (isSending()) event.preventDefault()
})
