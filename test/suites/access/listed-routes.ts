import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'

/** Every route of the applications that `work` makes, as `GET /path`, told by Fastify itself as they are registered. */
export async function listRoutes<T>(work: () => Promise<T>): Promise<{ result: T; routes: string[] }> {
  const routes = new Set<string>()
  const onCreated = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const name of [method].flat()) routes.add(`${name} ${url}`)
    })
  }
  subscribe('fastify.initialization', onCreated)
  try {
    const result = await work()
    return { result, routes: [...routes] }
  } finally {
    unsubscribe('fastify.initialization', onCreated)
  }
}
