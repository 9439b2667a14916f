import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { ArchiveRequestSchema } from '../schemas/archives.ts'
import type { Archive, ArchiveService } from '../services/archives.ts'
import { attachment } from './content-disposition.ts'
import { problemResponses } from './problem.ts'

export interface ArchiveRoutesOptions {
  archives: ArchiveService
}

/** Many originals in one download. */
export const archiveRoutes: FastifyPluginAsyncTypebox<ArchiveRoutesOptions> = async (app, { archives }) => {
  app.post(
    '/v1/uploads/archive',
    {
      // It changes nothing; it is a POST because a thousand ids do not fit into an address.
      config: { scope: 'read' },
      schema: {
        tags: ['files'],
        summary: 'The originals of up to 1000 uploads, or of an album, as a ZIP',
        body: ArchiveRequestSchema,
        response: problemResponses('UPLOAD_NOT_FOUND', 'ALBUM_NOT_FOUND'),
      },
    },
    async ({ principal: { userId }, body }, reply) => {
      const archive =
        'album_id' in body
          ? await archives.ofAlbum(userId, body.album_id)
          : await archives.ofUploads(userId, body.upload_ids)
      return send(reply, archive)
    },
  )
}

function send(reply: FastifyReply, { filename, stream }: Archive): FastifyReply {
  reply.headers({
    'content-type': 'application/zip',
    'content-disposition': attachment(filename),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  return reply.send(stream)
}
