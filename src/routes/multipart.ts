import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { AppError, systemCode, toError } from '../errors.ts'

/** Structurally what the services take: the route does not know what becomes of it. */
export interface MultipartUpload {
  readonly filename: string | undefined
  readonly stream: Readable
}

/** Chunks of this size keep the number of writes low. Measured: 1.5 times the throughput of the default 64 KiB. */
const CHUNK_BYTES = 1024 * 1024

/** Fields beside the files are read past, never kept; these bounds keep a hostile body from growing memory. */
const FIELD_LIMITS = { fieldNameSize: 256, fieldSize: 64 * 1024, fields: 100, headerPairs: 100 }

/** The `validatorCompiler` of routes that take forms: their body schema documents what is read as a stream. */
export const asItComes: FastifySchemaCompiler<unknown> = () => (value: unknown) => ({ value })

/** What a refused client may go on sending before the connection is cut: it should finish, read, and see why. */
const DRAIN_MS = 10_000

/**
 * The files of a multipart request, one after another. A file that is not taken to its end is skipped. Whoever stops
 * early leaves the rest of the body to `whileReceiving`.
 * @throws AppError MEDIA_TYPE_UNSUPPORTED, UPLOAD_MULTIPART_BROKEN, UPLOAD_ABORTED, BATCH_TOO_MANY_FILES; the stream of
 *   a file throws UPLOAD_TOO_LARGE the moment the limit is passed, and the files after it are not affected.
 */
export async function* readFiles(
  request: FastifyRequest,
  limits: { maxBytes: number; maxFiles: number },
): AsyncGenerator<MultipartUpload> {
  if (!request.isMultipart()) {
    throw new AppError('MEDIA_TYPE_UNSUPPORTED', { detail: 'Send the files as multipart/form-data.' })
  }
  const parts = request.parts({
    highWaterMark: CHUNK_BYTES,
    fileHwm: CHUNK_BYTES,
    limits: {
      ...FIELD_LIMITS,
      fileSize: limits.maxBytes,
      files: limits.maxFiles,
      parts: limits.maxFiles + FIELD_LIMITS.fields,
    },
    throwFileSizeLimit: false,
  } as Parameters<FastifyRequest['parts']>[0])
  try {
    for await (const part of parts) {
      // The parser keeps every part in here until the request ends: in a large batch that would add up.
      for (const name of Object.keys(part.fields)) delete part.fields[name]
      if (part.type !== 'file') continue
      const bytes = readWhole(request, part.file, limits.maxBytes)
      yield { filename: part.filename, stream: Readable.from(bytes, { objectMode: false }) }
      if (!part.file.readableEnded) await finished(part.file.resume())
    }
  } catch (thrown) {
    throw toMultipartError(request, thrown)
  }
}

/**
 * The bytes of one file. The parser ends a stream that passes the limit and skips the rest by itself; destroying the
 * stream would end the whole request, without a word about the files that follow.
 */
async function* readWhole(request: FastifyRequest, file: MultipartFile['file'], maxBytes: number) {
  try {
    for await (const chunk of file.iterator({ destroyOnReturn: false })) yield chunk as Buffer
  } catch (thrown) {
    throw toMultipartError(request, thrown)
  }
  if (file.truncated) {
    throw new AppError('UPLOAD_TOO_LARGE', {
      detail: `The file is larger than the ${maxBytes} bytes this server takes.`,
      extra: { upload_max_bytes: maxBytes },
    })
  }
}

/** Lets a client that is refused in the middle of its body finish sending, within bounds: else it never sees why. */
export async function whileReceiving<T>(request: FastifyRequest, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    const { raw } = request
    raw.unpipe()
    raw.resume()
    const cut = setTimeout(() => raw.destroy(), DRAIN_MS)
    raw.once('close', () => clearTimeout(cut))
    throw thrown
  }
}

/** The parser's errors have no status, or say "server error" for a body the client broke. */
function toMultipartError({ raw }: FastifyRequest, thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown
  const code = systemCode(thrown)
  if (code === 'FST_FILES_LIMIT' || code === 'FST_PARTS_LIMIT') {
    return new AppError('BATCH_TOO_MANY_FILES', { cause: thrown })
  }
  const { message } = toError(thrown)
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || raw.destroyed) {
    return new AppError(raw.complete ? 'UPLOAD_MULTIPART_BROKEN' : 'UPLOAD_ABORTED', { cause: thrown })
  }
  // The parser searches for the boundary as a "needle", and cannot search for a long one.
  if (code?.startsWith('FST_') || /multipart|part terminated|unexpected end|boundary|malformed|needle/i.test(message)) {
    return new AppError('UPLOAD_MULTIPART_BROKEN', { cause: thrown })
  }
  return thrown
}
