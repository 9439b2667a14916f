import { AppError } from '../../errors.ts'
import { type HubFile, nameOf } from './address.ts'
import { type Ask, type HubAnswer, networkError } from './ask.ts'
import { openPartFile } from './part-file.ts'
import { type Retrying, transientError, withRetries } from './transient.ts'

/** What a file has to be, as far as it is known. */
export interface ExpectedContent {
  readonly sizeBytes?: number | undefined
  /** Hexadecimal. */
  readonly sha256?: string | undefined
}

export interface ReceivedFile {
  readonly sizeBytes: number
  readonly sha256: string
}

export interface DownloadOptions {
  readonly expected: ExpectedContent
  /** Bytes of the file that are on the disk by now, those of an earlier try included. */
  onReceived?(sizeBytes: number): void
  onRetry?(reason: string, pauseMs: number): void
  readonly signal?: AbortSignal | undefined
}

interface Means {
  readonly ask: Ask
  refuse(answer: HubAnswer, file: HubFile): AppError
  readonly pause: Retrying['pause']
  readonly stallMs: number
}

/** Where a body begins in the file, and how long the whole file is if the server said so. */
interface Announced {
  readonly startBytes: number
  readonly totalBytes: number | undefined
}

/**
 * Fetches a file to `target`. It arrives in `<target>.part`, goes on there after a crash, and gets its name when its
 * size and hash are right.
 * @throws AppError MODEL_DOWNLOAD_FAILED, MODEL_ACCESS_DENIED, MODEL_FILE_CORRUPT (nothing of it is kept), STORAGE_FULL
 */
export async function download(
  { ask, refuse, pause, stallMs }: Means,
  file: HubFile,
  target: string,
  { expected, onReceived, onRetry, signal }: DownloadOptions,
): Promise<ReceivedFile> {
  const part = await openPartFile(`${target}.part`, signal)
  /** Of what arrived in this call: what it stands for at the server, so that the rest is of the same file. */
  let validator: string | undefined

  try {
    // The rest of another file, left by an earlier program or manifest, is no fault of the server: once more, whole.
    const isResumed = part.sizeBytes > 0
    await receiveWithRetries()
    if (!isRight() && isResumed) {
      await part.restart()
      await receiveWithRetries()
    }
    if (!isRight()) throw await corrupt(`has the SHA-256 ${part.sha256()} instead of ${expected.sha256}`)
    const received = { sizeBytes: part.sizeBytes, sha256: part.sha256() }
    await part.publish(target)
    return received
  } finally {
    await part.close()
  }

  function isRight(): boolean {
    return expected.sha256 === undefined || part.sha256() === expected.sha256
  }

  async function corrupt(what: string): Promise<AppError> {
    await part.remove()
    return new AppError('MODEL_FILE_CORRUPT', { detail: `${nameOf(file)} ${what}. It was deleted.` })
  }

  function receiveWithRetries(): Promise<void> {
    return withRetries(receive, {
      pause,
      reached: () => part.sizeBytes,
      signal,
      ...(onRetry && { onRetry }),
    })
  }

  async function receive(): Promise<void> {
    const canResume = expected.sha256 !== undefined || validator !== undefined
    if (part.sizeBytes > 0 && (!canResume || part.sizeBytes > (expected.sizeBytes ?? Number.POSITIVE_INFINITY))) {
      await part.restart()
    }
    onReceived?.(part.sizeBytes)
    if (part.sizeBytes > 0 && part.sizeBytes === expected.sizeBytes) return
    const answer = await ask(file, { method: 'GET', headers: rangeHeaders(part.sizeBytes, validator), signal })
    if (answer.status === 416 && part.sizeBytes > 0) {
      // Nothing is left to send, or it is another file by now: the hash will not tell unless it is whole.
      await answer.body.dump()
      await part.restart()
      return receive()
    }
    if (answer.status !== 200 && answer.status !== 206) {
      await answer.body.dump()
      throw refuse(answer, file)
    }
    await take(answer)
  }

  async function take(answer: HubAnswer): Promise<void> {
    const { startBytes, totalBytes } = announcedBy(answer)
    if (startBytes === 0) await part.restart()
    const wantedBytes = expected.sizeBytes ?? totalBytes
    try {
      if (startBytes !== part.sizeBytes)
        throw transientError(`${answer.url.host} sent another part than it was asked for.`)
      if (totalBytes !== undefined && totalBytes !== wantedBytes) {
        throw await corrupt(`is ${totalBytes} bytes at ${answer.url.host} instead of ${wantedBytes}`)
      }
      validator = strongTag(answer.header('etag'))
      await write(answer, wantedBytes)
    } finally {
      // Ends the connection of a body that was not read to its end.
      answer.body.on('error', () => {}).destroy()
    }
    if (wantedBytes !== undefined && part.sizeBytes < wantedBytes) {
      throw transientError(`${answer.url.host} ended ${nameOf(file)} after ${part.sizeBytes} of ${wantedBytes} bytes.`)
    }
  }

  async function write(answer: HubAnswer, wantedBytes = Number.POSITIVE_INFINITY): Promise<void> {
    for await (const chunk of readBody(answer)) {
      signal?.throwIfAborted()
      if (part.sizeBytes + chunk.length > wantedBytes) throw await corrupt(`is longer than ${wantedBytes} bytes`)
      await part.append(chunk)
      onReceived?.(part.sizeBytes)
    }
  }

  /** Only the reading side is the network's: what writing throws goes past this. */
  async function* readBody({ url, body }: HubAnswer): AsyncGenerator<Uint8Array> {
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
    for (;;) {
      const { value, done } = await chunks.next().catch((thrown: unknown) => {
        signal?.throwIfAborted()
        throw networkError(url, thrown, stallMs)
      })
      if (done) return
      yield value
    }
  }
}

/** The rest of the file; with a validator, the whole if it has changed (RFC 9110 section 13.1.5). */
function rangeHeaders(haveBytes: number, validator: string | undefined): Record<string, string> {
  if (haveBytes === 0) return {}
  return { range: `bytes=${haveBytes}-`, ...(validator !== undefined && { 'if-range': validator }) }
}

function announcedBy(answer: HubAnswer): Announced {
  if (answer.status === 206) {
    const [, start, total] =
      /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(answer.header('content-range') ?? '') ?? []
    return { startBytes: Number(start ?? -1), totalBytes: readSize(total) }
  }
  return { startBytes: 0, totalBytes: readSize(answer.header('content-length')) }
}

/** A size in a header, if it is one. */
export function readSize(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

/** A weak tag does not promise the same bytes. */
function strongTag(header: string | undefined): string | undefined {
  return header?.startsWith('"') ? header : undefined
}
