import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Upload } from '../../../src/schemas/uploads.ts'
import type { BatchProgress, ModelsProgress, ServerMessage, UploadProgress } from './messages.ts'
import { connectionState } from './socket.ts'

export type { BatchProgress, UploadProgress }

/**
 * What is known about uploads and batches from the socket, and from answers to hand-overs. Signals are made for what
 * somebody looks at only: a library of 200,000 waiting uploads is a map, not 200,000 signals.
 */
const uploads = new Map<string, UploadProgress>()
const batches = new Map<string, BatchProgress>()
const uploadSignals = new Map<string, Signal<UploadProgress | undefined>>()
const batchSignals = new Map<string, Signal<BatchProgress | undefined>>()
const endListeners = new Set<(progress: UploadProgress) => void>()
const unfinished = new Set<string>()
const known = signal<readonly string[]>([])
const count = signal(0)
const openBatches = signal<readonly string[]>([])
const rate = signal<number | undefined>(undefined)
const models = signal<ModelsProgress | undefined>(undefined)

/** The speed of developing is taken from the last so many seconds. */
const RATE_WINDOW_MS = 60_000
let endings: number[] = []
let news = 0

/** Lists are made anew at most this often, however fast the news come. */
const LIST_EVERY_MS = 100
let listIsDue = false

/** How the socket is. */
export const connection: ReadonlySignal<'open' | 'connecting' | 'offline'> = connectionState

/** How many uploads wait or are being developed. */
export const developingCount: ReadonlySignal<number> = count

/** Ids of all uploads that were heard of since the page was opened, in the order in which they were first heard of. */
export const knownUploads: ReadonlySignal<readonly string[]> = known

/** Ids of the batches that are not finished. */
export const runningBatches: ReadonlySignal<readonly string[]> = openBatches

/** Uploads that end in a second, from the last minute; undefined while too few did. */
export const developingRate: ReadonlySignal<number | undefined> = rate

/** Which model pack is active and how far a change is; told to administrators alone, and true while connected. */
export const modelsProgress: ReadonlySignal<ModelsProgress | undefined> = models

/** The newest news of an upload. Undefined while none came: it was finished before this page was opened, most likely. */
export function progressOf(uploadId: string): ReadonlySignal<UploadProgress | undefined> {
  return signalIn(uploadSignals, uploadId, uploads)
}

/** The newest news of a batch. */
export function batchOf(batchId: string): ReadonlySignal<BatchProgress | undefined> {
  return signalIn(batchSignals, batchId, batches)
}

/** Without subscribing, for lists. */
export function peekProgress(uploadId: string): UploadProgress | undefined {
  return uploads.get(uploadId)
}

/** Changes whenever news came: lists that are costly to make look here first. */
export function newsCount(): number {
  return news
}

/** Tells when an upload was developed or has failed; maybe twice. @returns stops telling */
export function onUploadEnded(listener: (progress: UploadProgress) => void): () => void {
  endListeners.add(listener)
  return () => {
    endListeners.delete(listener)
  }
}

/** Uploads that were deleted: nothing will be said about them any more. */
export function forgetUploads(ids: Iterable<string>): void {
  batch(() => {
    for (const id of ids) forget(id)
  })
  listSoon()
}

/** An upload that an answer told about, and the socket maybe not yet. */
export function noteUpload(upload: Pick<Upload, 'id' | 'filename' | 'file_size'>, batchId: string | null): void {
  if (uploads.has(upload.id) && unfinished.has(upload.id)) return
  if (uploads.has(upload.id) && batchId === null) return
  setUpload({
    upload_id: upload.id,
    batch_id: batchId,
    file_name: upload.filename,
    file_size: upload.file_size,
    status: 'pending',
    stage: 'queued',
    progress_percent: 0,
    message: 'Waiting for its turn',
    error_message: null,
    description_audit_score: null,
  })
}

/** News from the socket. */
export function apply(message: ServerMessage): void {
  batch(() => {
    switch (message.action) {
      case 'snapshot':
        for (const upload of message.payload.uploads) setUpload(upload)
        for (const one of message.payload.batches) setBatch(one)
        break
      case 'upload_progress':
      case 'upload_completed':
      case 'upload_failed':
        setUpload(message.payload)
        break
      case 'batch_progress':
      case 'batch_completed':
        setBatch(message.payload)
        break
      case 'models_progress':
        models.value = message.payload
        break
    }
  })
}

/** Somebody else signs in: nothing of the one before may be left. */
export function forgetEverything(): void {
  batch(() => {
    for (const id of [...uploads.keys()]) forget(id)
    for (const [id, one] of batchSignals) {
      one.value = undefined
      batchSignals.delete(id)
    }
    batches.clear()
    endings = []
    rate.value = undefined
    models.value = undefined
    makeLists()
  })
}

/** Whether nothing more will happen to it. */
export function hasEnded({ status }: Pick<UploadProgress, 'status'>): boolean {
  return status === 'completed' || status === 'failed'
}

function setUpload(progress: UploadProgress): void {
  news += 1
  const { upload_id: id } = progress
  const before = uploads.get(id)
  uploads.set(id, progress)
  const watched = uploadSignals.get(id)
  if (watched) watched.value = progress
  const ended = hasEnded(progress)
  if (ended) unfinished.delete(id)
  else unfinished.add(id)
  count.value = unfinished.size
  if (before === undefined) listSoon()
  if (ended && !(before && hasEnded(before))) tellEnd(progress, before !== undefined)
}

function setBatch(progress: BatchProgress): void {
  const before = batches.get(progress.batch_id)
  batches.set(progress.batch_id, progress)
  const watched = batchSignals.get(progress.batch_id)
  if (watched) watched.value = progress
  if (before?.status !== progress.status) listSoon()
  // Nothing is said about the files of a batch that waited when it was cancelled.
  if (progress.status === 'cancelled') forgetWaitingOf(progress.batch_id)
}

function forgetWaitingOf(batchId: string): void {
  for (const id of unfinished) {
    const upload = uploads.get(id)
    if (upload?.batch_id === batchId && upload.stage === 'queued') forget(id)
  }
  listSoon()
}

function tellEnd(progress: UploadProgress, wasWatched: boolean): void {
  // What ended before the page was opened says nothing about the speed.
  if (wasWatched) measureRate(Date.now())
  for (const listener of endListeners) listener(progress)
}

function measureRate(now: number): void {
  endings.push(now)
  endings = endings.filter((at) => at > now - RATE_WINDOW_MS)
  const seconds = (now - (endings[0] ?? now)) / 1000
  rate.value = endings.length < 3 || seconds === 0 ? undefined : (endings.length - 1) / seconds
}

function forget(id: string): void {
  news += 1
  uploads.delete(id)
  unfinished.delete(id)
  count.value = unfinished.size
  const watched = uploadSignals.get(id)
  if (watched) watched.value = undefined
}

function listSoon(): void {
  if (listIsDue) return
  listIsDue = true
  setTimeout(() => {
    listIsDue = false
    batch(makeLists)
  }, LIST_EVERY_MS)
}

function makeLists(): void {
  known.value = [...uploads.keys()]
  openBatches.value = [...batches.values()]
    .filter(({ status }) => status === 'pending' || status === 'processing')
    .map(({ batch_id }) => batch_id)
}

function signalIn<T>(signals: Map<string, Signal<T | undefined>>, id: string, values: Map<string, T>) {
  const existing = signals.get(id)
  if (existing !== undefined) return existing
  const made = signal(values.get(id))
  signals.set(id, made)
  return made
}
