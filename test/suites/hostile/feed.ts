import sharp from 'sharp'
import { ERRORS } from '#src/errors.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { StageRun, Upload } from '#src/schemas/uploads.js'
import type { HostileFile } from './corpus/corpus.ts'
import type { HostileSession } from './session.ts'

export interface Fate {
  kind: string
  /** A code of a refusal or a failure, or `completed`. */
  end: string
  /** What all its stages took together. */
  workMs: number
}

export interface FeedOptions {
  session: HostileSession
  files: Iterable<HostileFile>
  /** Never to be seen in any answer. */
  secret: string
  onFate?: (fate: Fate, count: number) => Promise<void> | void
}

/** Requests at the same time, files in a batch, and uploads that may wait while the next are handed over. */
const SENDERS = 3
const BATCH_FILES = 12
const WAITING_MAX = 60

/** What a name may look like when it comes back. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const UNSAFE_NAME = /[\u0000-\u001f\u007f/\\\u202a-\u202e\u2066-\u2069]/

/**
 * Hands hostile files over, singly and in batches, waits until each is final, and looks at what came of it. Returns
 * everything that was not as it should be, a sentence each.
 */
export async function feed({ session, files, secret, onFate }: FeedOptions): Promise<string[]> {
  const problems: string[] = []
  const waiting = new Map<string, Set<() => void>>()
  const finished = new Set<string>()
  const checks = new Set<Promise<void>>()
  let count = 0
  let turn = 0

  const stop = await session.watch((id) => {
    finished.add(id)
    for (const wake of waiting.get(id) ?? []) wake()
    waiting.delete(id)
  })
  const source = files[Symbol.iterator]()
  const take = (most: number): HostileFile[] => {
    const taken: HostileFile[] = []
    while (taken.length < most) {
      const { value, done } = source.next()
      if (done) break
      taken.push(value)
    }
    return taken
  }

  await Promise.all(Array.from({ length: SENDERS }, send))
  await Promise.all(checks)
  stop()
  return problems

  async function send(): Promise<void> {
    for (;;) {
      const isBatch = turn++ % 4 === 3
      const taken = take(isBatch ? BATCH_FILES : 1)
      const [first] = taken
      if (!first) return
      if (isBatch) await sendBatch(taken)
      else await sendOne(first)
      while (checks.size > WAITING_MAX) await Promise.race(checks)
    }
  }

  async function sendOne(file: HostileFile): Promise<void> {
    const { status, text } = await session.send('/v1/upload', [file])
    if (status === 201 || status === 200) follow(file, (JSON.parse(text) as Upload).id)
    else await refused(file, status, (JSON.parse(text) as { code?: string }).code, text)
  }

  async function sendBatch(taken: readonly HostileFile[]): Promise<void> {
    const { status, text } = await session.send('/v1/batches', taken)
    if (status !== 201) {
      problems.push(`A batch was answered with ${status}: ${text.slice(0, 300)}`)
      return
    }
    const { items } = JSON.parse(text) as BatchDetail
    for (const [index, file] of taken.entries()) {
      const item = items[index]
      if (item?.upload_id) follow(file, item.upload_id)
      else await refused(file, 415, item?.error_code ?? undefined, item?.error_message ?? '')
    }
  }

  async function refused(file: HostileFile, status: number, code: string | undefined, text: string): Promise<void> {
    const isKnown = code !== undefined && code in ERRORS
    if (status < 400 || status >= 500 || !isKnown) problems.push(`${file.kind} was answered with ${status} ${text}`)
    if (text.includes(secret)) problems.push(`${file.kind}: the secret is in ${text}`)
    await onFate?.({ kind: file.kind, end: code ?? String(status), workMs: 0 }, ++count)
  }

  function follow(file: HostileFile, id: string): void {
    const check = look(file, id).catch((thrown: unknown) => {
      problems.push(`${file.kind}: ${String(thrown)}`)
    })
    checks.add(check)
    void check.finally(() => checks.delete(check))
  }

  async function look(file: HostileFile, id: string): Promise<void> {
    await untilFinal(id)
    const read = async (path: string) => (await session.call('GET', `/v1/uploads/${id}${path}`)).text
    const text = await read('')
    const upload = JSON.parse(text) as Upload
    const stages = await read('/stages')
    const told = text + stages + (await read('/metadata'))
    const workMs = (JSON.parse(stages) as { items: StageRun[] }).items.reduce((sum, run) => sum + run.duration_ms, 0)
    if (told.includes(secret)) problems.push(`${file.kind}: the secret is told`)
    if (UNSAFE_NAME.test(upload.filename)) problems.push(`${file.kind}: is named ${JSON.stringify(upload.filename)}`)
    if (upload.status === 'failed') {
      const { error_code: code, error_message: sentence } = upload
      if (code === null || !(code in ERRORS) || !sentence || sentence.length > 200) {
        problems.push(`${file.kind} failed with ${code}: ${sentence}`)
      }
      if (code === 'INTERNAL' || code === 'PROCESSING_CRASHED') problems.push(`${file.kind} ended with ${code}`)
    } else if (upload.status !== 'completed') problems.push(`${file.kind} is final and ${upload.status}`)
    if (file.refers && upload.status === 'completed') await lookAtPicture(file, upload)
    await onFate?.({ kind: file.kind, end: upload.error_code ?? upload.status, workMs }, ++count)
  }

  async function untilFinal(id: string): Promise<void> {
    if (finished.has(id)) return
    const final = new Promise<void>((resolve) => {
      waiting.set(id, (waiting.get(id) ?? new Set()).add(resolve))
    })
    // The same bytes again are told of only once.
    const { text } = await session.call('GET', `/v1/uploads/${id}`)
    if (!/"status":"(completed|failed)"/.test(text)) await final
  }

  /** The film that must not be read is magenta all over. */
  async function lookAtPicture(file: HostileFile, { links }: Upload): Promise<void> {
    if (links.thumbnail === null) return
    const { channels } = await sharp(await session.bytes(links.thumbnail)).stats()
    const [red = 0, green = 0, blue = 0] = channels.map(({ mean }) => mean)
    if (red > 200 && green < 60 && blue > 200) problems.push(`${file.kind} shows the film of another`)
  }
}
