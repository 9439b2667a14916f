import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { AppError, systemCode, toError } from '../errors.ts'

/** Structurally what the services take: the route does not know what becomes of it. */
export interface MultipartUpload {
  readonly filename: string | undefined
  readonly stream: MultipartFile['file']
}

/** Chunks of this size keep the number of writes low. Measured: 1.5 times the throughput of the default 64 KiB. */
const CHUNK_BYTES = 1024 * 1024

/** Fields beside the files are read past, never kept; these bounds keep a hostile body from growing memory. */
const FIELD_LIMITS = { fieldNameSize: 256, fieldSize: 64 * 1024, fields: 100, headerPairs: 100 }

/**
 * The files of a multipart request, one after another: take each stream to its end before asking for the next.
 * @throws AppError MEDIA_TYPE_UNSUPPORTED, UPLOAD_MULTIPART_BROKEN, UPLOAD_ABORTED; a file that passes the limit breaks
 *   its own stream with UPLOAD_TOO_LARGE.
 */
export async function* readFiles(
  request: FastifyRequest,
  limits: { maxBytes: number; maxFiles: number },
): AsyncGenerator<MultipartUpload> {
  if (!request.isMultipart())
    throw new AppError('MEDIA_TYPE_UNSUPPORTED', { detail: 'Send the files as multipart/form-data.' })
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
      if (part.type !== 'file') continue
      part.file.once('limit', () => part.file.destroy(tooLarge(limits.maxBytes)))
      yield { filename: part.filename, stream: part.file }
    }
  } catch (thrown) {
    throw toMultipartError(thrown)
  }
}

/**
 * Tells a body that was malformed from one that never arrived: both break the stream of the file, but only the first
 * came whole.
 */
export async function whileReceiving<T>(request: FastifyRequest, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    const broke = thrown instanceof AppError && thrown.code === 'UPLOAD_ABORTED' && request.raw.complete
    throw broke ? new AppError('UPLOAD_MULTIPART_BROKEN', { cause: thrown }) : thrown
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('UPLOAD_TOO_LARGE', {
    detail: `The file is larger than the ${maxBytes} bytes this server takes.`,
    extra: { upload_max_bytes: maxBytes },
  })
}

/** The parser's errors have no status, or say "server error" for a body the client broke. */
function toMultipartError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown
  const code = systemCode(thrown)
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new AppError('UPLOAD_ABORTED', { cause: thrown })
  if (code === 'FST_FILES_LIMIT' || code === 'FST_PARTS_LIMIT')
    return new AppError('BATCH_TOO_MANY_FILES', { cause: thrown })
  const { message } = toError(thrown)
  if (code?.startsWith('FST_') || /multipart|part terminated|unexpected end|boundary|malformed/i.test(message)) {
    return new AppError('UPLOAD_MULTIPART_BROKEN', { cause: thrown })
  }
  return thrown
}
