import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import type { FileName, FileService, ServedFile } from '../services/files.ts'
import { attachment } from './content-disposition.ts'
import { problemResponses } from './problem.ts'
import { parseRange } from './range.ts'

export interface FileRoutesOptions {
  files: FileService
}

/** A year: the bytes behind an ETag never change. Private: they are one person's. */
const CACHE_CONTROL = 'private, max-age=31536000, immutable'

const ROUTES: readonly { name: FileName; summary: string }[] = [
  { name: 'file', summary: 'The original, as it was handed over' },
  { name: 'thumbnail', summary: 'WebP of at most 256 pixels' },
  { name: 'preview', summary: 'WebP of at most 1440 pixels' },
]

/** The bytes of uploads, with ranges and caching (RFC 9110 sections 13 and 14). */
export const fileRoutes: FastifyPluginAsyncTypebox<FileRoutesOptions> = async (app, { files }) => {
  for (const { name, summary } of ROUTES) {
    app.get(
      `/v1/uploads/:id/${name}`,
      {
        schema: {
          tags: ['files'],
          summary,
          params: IdParamsSchema,
          response: problemResponses('UPLOAD_NOT_FOUND', 'RENDITION_NOT_READY', 'RANGE_NOT_SATISFIABLE'),
        },
      },
      async (request, reply) => {
        const file = await files.find(request.principal.userId, request.params.id, name)
        return send(request, reply, file)
      },
    )
  }
}

async function send(request: FastifyRequest, reply: FastifyReply, file: ServedFile): Promise<FastifyReply> {
  reply.headers({
    etag: file.etag,
    'last-modified': file.modifiedAt.toUTCString(),
    'cache-control': CACHE_CONTROL,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    // Served from the same origin as the page: nothing in a file may run there.
    'content-security-policy': "default-src 'none'; sandbox",
  })
  if (file.downloadName !== undefined) reply.header('content-disposition', attachment(file.downloadName))
  if (matches(request.headers['if-none-match'], file.etag)) return reply.code(304).send()

  const range = requestedRange(request, file)
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.sizeBytes}`)
    throw new AppError('RANGE_NOT_SATISFIABLE')
  }
  const length = range ? range.end - range.start + 1 : file.sizeBytes
  reply.headers({ 'content-type': file.mimeType, 'content-length': length })
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.sizeBytes}`)
  // An empty stream: with no payload at all the length would be said to be 0.
  if (request.method === 'HEAD') return reply.send(Readable.from([]))
  return reply.send(await file.open(range))
}

/** A range counts only while the client's copy is this one: otherwise it gets the whole file (If-Range). */
function requestedRange({ headers, method }: FastifyRequest, { sizeBytes, etag }: ServedFile) {
  // RFC 9110 section 14.2 defines it for GET alone.
  if (method !== 'GET') return undefined
  const condition = headers['if-range']
  if (headers.range === undefined || (condition !== undefined && condition !== etag)) return undefined
  return parseRange(headers.range, sizeBytes)
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
