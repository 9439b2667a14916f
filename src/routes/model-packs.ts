import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ForgottenVectorsSchema, ModelPacksSchema, PackChoiceSchema, PackPlanSchema } from '../schemas/model-packs.ts'
import type { ModelPackService } from '../services/model-packs.ts'
import { problemResponses } from './problem.ts'

export interface ModelPackRoutesOptions {
  modelPacks: ModelPackService
}

/** /v1/models: the model packs of this server, for the administrator. */
export const modelPackRoutes: FastifyPluginAsyncTypebox<ModelPackRoutesOptions> = async (app, { modelPacks }) => {
  app.get(
    '/v1/models',
    {
      config: { administrator: true },
      schema: {
        tags: ['server'],
        summary: 'Model packs, the active one, and how far a change is (administrator)',
        response: { 200: ModelPacksSchema, ...problemResponses('ADMINISTRATOR_REQUIRED') },
      },
    },
    async () => modelPacks.status(),
  )

  app.post(
    '/v1/models/use',
    {
      config: { administrator: true, signedIn: true },
      schema: {
        tags: ['server'],
        summary: 'Move the library to another model pack (administrator)',
        description:
          'Searches are answered as before until every upload has vectors of the new pack. With `dry_run` the pack is ' +
          'tried on a few uploads and nothing is changed.',
        body: PackChoiceSchema,
        response: {
          200: PackPlanSchema,
          202: ModelPacksSchema,
          ...problemResponses('ADMINISTRATOR_REQUIRED', 'MODEL_PACK_NOT_INSTALLED', 'MODEL_FAILED'),
        },
      },
    },
    async ({ body }, reply) => {
      if (!body.dry_run) return reply.code(202).send(await modelPacks.use(body))
      return reply.code(200).send(await modelPacks.plan(body))
    },
  )

  app.delete(
    '/v1/models/other-vectors',
    {
      config: { administrator: true, signedIn: true },
      schema: {
        tags: ['server'],
        summary: 'Delete the vectors of all packs but the active one (administrator)',
        response: { 200: ForgottenVectorsSchema, ...problemResponses('ADMINISTRATOR_REQUIRED', 'MODEL_PACK_BUSY') },
      },
    },
    async () => modelPacks.forgetOthers(),
  )
}
