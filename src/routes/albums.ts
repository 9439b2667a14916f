import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  AlbumListSchema,
  AlbumMembersSchema,
  AlbumPageQuerySchema,
  AlbumPatchSchema,
  AlbumSchema,
  AlbumUploadsSchema,
  NewAlbumSchema,
} from '../schemas/albums.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import { BulkResultSchema } from '../schemas/uploads.ts'
import type { AlbumService } from '../services/albums.ts'
import { problemResponses } from './problem.ts'

export interface AlbumRoutesOptions {
  albums: AlbumService
}

const tags = ['albums']

/** Uploads put together: by hand, or by a rule. */
export const albumRoutes: FastifyPluginAsyncTypebox<AlbumRoutesOptions> = async (app, { albums }) => {
  app.post(
    '/v1/albums',
    {
      schema: {
        tags,
        summary: 'Make an album',
        body: NewAlbumSchema,
        response: {
          201: AlbumSchema,
          ...problemResponses('VALIDATION_FAILED', 'QUERY_INVALID', 'SAVED_SEARCH_NOT_FOUND'),
        },
      },
    },
    async ({ principal, body }, reply) => {
      const album = await albums.create(principal.userId, body)
      return reply.code(201).header('location', `/v1/albums/${album.id}`).send(album)
    },
  )

  app.get(
    '/v1/albums',
    {
      schema: {
        tags,
        summary: 'List albums, the newest first',
        querystring: AlbumPageQuerySchema,
        response: { 200: AlbumListSchema, ...problemResponses('CURSOR_INVALID') },
      },
    },
    async ({ principal, query }) => albums.list(principal.userId, query),
  )

  app.get(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Read an album',
        params: IdParamsSchema,
        response: { 200: AlbumSchema, ...problemResponses('ALBUM_NOT_FOUND') },
      },
    },
    async ({ principal, params }) => albums.get(principal.userId, params.id),
  )

  app.patch(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Name an album, choose its cover, change its rule',
        params: IdParamsSchema,
        body: AlbumPatchSchema,
        response: {
          200: AlbumSchema,
          ...problemResponses('VALIDATION_FAILED', 'QUERY_INVALID', 'ALBUM_NOT_FOUND', 'UPLOAD_NOT_FOUND'),
        },
      },
    },
    async ({ principal, params, body }) => albums.change(principal.userId, params.id, body),
  )

  app.delete(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Remove an album; its uploads stay',
        params: IdParamsSchema,
        response: { 204: Type.Null(), ...problemResponses('ALBUM_NOT_FOUND') },
      },
    },
    async ({ principal, params }, reply) => {
      await albums.remove(principal.userId, params.id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/albums/:id/uploads',
    {
      schema: {
        tags,
        summary: 'What is in an album',
        params: IdParamsSchema,
        querystring: AlbumPageQuerySchema,
        response: { 200: AlbumMembersSchema, ...problemResponses('ALBUM_NOT_FOUND', 'CURSOR_INVALID') },
      },
    },
    async ({ principal, params, query }) => albums.members(principal.userId, params.id, query),
  )

  for (const [name, act, summary] of [
    ['add', albums.add, 'Add up to 100 uploads at the end'],
    ['remove', albums.take, 'Take up to 100 uploads out; they stay in the library'],
  ] as const) {
    app.post(
      `/v1/albums/:id/${name}`,
      {
        schema: {
          tags,
          summary,
          params: IdParamsSchema,
          body: AlbumUploadsSchema,
          response: { 200: BulkResultSchema, ...problemResponses('ALBUM_NOT_FOUND', 'ALBUM_HAS_RULE') },
        },
      },
      async ({ principal, params, body }) => act(principal.userId, params.id, body.upload_ids),
    )
  }
}
