import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { ArchiveRequestSchema, ArchiveSchema } from '../schemas/archives.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import type { ArchiveService, PackedArchive } from '../services/archives.ts'
import { attachment } from './content-disposition.ts'
import { problemResponses } from './problem.ts'

export interface ArchiveRoutesOptions {
  archives: ArchiveService
}

/** Many originals in one download. */
export const archiveRoutes: FastifyPluginAsyncTypebox<ArchiveRoutesOptions> = async (app, { archives }) => {
  app.post(
    '/v1/archives',
    {
      // Nothing of what is kept changes; it is a POST because a thousand ids do not fit into an address.
      config: { scope: 'read' },
      schema: {
        tags: ['files'],
        summary: 'Make a ZIP of the originals of up to 1000 uploads, or of an album',
        description: 'Download it from `links.file` within a quarter of an hour, as often as you like.',
        body: ArchiveRequestSchema,
        response: { 201: ArchiveSchema, ...problemResponses('UPLOAD_NOT_FOUND', 'ALBUM_NOT_FOUND') },
      },
    },
    async ({ principal, body }, reply) => {
      const archive = await archives.prepare(principal.userId, body)
      return reply.code(201).header('location', archive.links.file).send(archive)
    },
  )

  app.get(
    '/v1/archives/:id',
    {
      schema: {
        tags: ['files'],
        summary: 'The ZIP',
        params: IdParamsSchema,
        response: problemResponses('ARCHIVE_NOT_FOUND', 'UPLOAD_NOT_FOUND', 'ALBUM_NOT_FOUND'),
      },
    },
    async ({ principal, params, method }, reply) =>
      send(reply, await archives.read(principal.userId, params.id), method === 'HEAD'),
  )
}

function send(reply: FastifyReply, { filename, open }: PackedArchive, headOnly: boolean): FastifyReply {
  reply.headers({
    'content-type': 'application/zip',
    'content-disposition': attachment(filename),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  return reply.send(headOnly ? Readable.from([]) : open())
}
