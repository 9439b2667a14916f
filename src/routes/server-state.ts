import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import { type ClientConfig, ClientConfigSchema, HealthSchema, ReadySchema } from '../schemas/server.ts'

export interface ServerStateRoutesOptions {
  version: string
  /** Whether each part of the server works, by its name. */
  readiness: () => Promise<Record<string, boolean>>
  readClientConfig: () => Promise<ClientConfig>
}

/** Whoever asks (a load balancer, mostly) gives up after some seconds too. */
const READINESS_TIMEOUT_MS = 3000

/** Whether the server lives, whether it can work, and what it takes. */
export const serverStateRoutes: FastifyPluginAsyncTypebox<ServerStateRoutesOptions> = async (app, options) => {
  const { version, readiness, readClientConfig } = options

  app.get(
    '/health',
    {
      // Asked every few seconds; not worth a line in the log.
      logLevel: 'warn',
      config: { public: true },
      schema: { summary: 'Is the process alive?', tags: ['server'], response: { 200: HealthSchema } },
    },
    async () => ({ status: 'ok' as const, version, uptime_seconds: Math.floor(process.uptime()) }),
  )

  app.get(
    '/ready',
    {
      logLevel: 'warn',
      config: { public: true },
      schema: {
        summary: 'Can the server do its work?',
        description: 'The problem of a 503 lists the same `checks`.',
        tags: ['server'],
        response: { 200: ReadySchema },
      },
    },
    async () => {
      const checks = await withinSeconds(readiness())
      if (!Object.values(checks).every(Boolean)) throw new AppError('NOT_READY', { extra: { checks } })
      return { status: 'ready' as const, checks }
    },
  )

  app.get(
    '/v1/client-config',
    {
      config: { public: true },
      schema: { summary: 'What a client needs to know', tags: ['server'], response: { 200: ClientConfigSchema } },
    },
    readClientConfig,
  )
}

/** @throws AppError NOT_READY when a part of the server neither works nor fails */
async function withinSeconds<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    const late = () => reject(new AppError('NOT_READY', { detail: 'The server does not tell how it is.' }))
    timer = setTimeout(late, READINESS_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
