import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { AppError, toError } from '../errors.ts'
import { problemResponses } from './problem.ts'
import { openSession, type Session, type SessionDeps } from './ws-session.ts'

export interface WebSocketRoutesOptions extends Omit<SessionDeps, 'onError'> {
  /** Calls back for every user of whom a session, a key or the account ended. Returns the function that ends this. */
  onAccessEnded(listener: (userId: string) => void): () => void
  /** How many sockets one address may have open; an IPv6 /64 counts as one. */
  socketsPerAddress: number
}

/** A client that answers neither this ping nor the one before is gone, even if TCP does not know it yet. */
const HEARTBEAT_MS = 30_000

/**
 * A write costs the server's main thread some 25 µs. Work in the background says some dozen things a second: written one
 * by one to 500 listeners that was a quarter of all it did. One listener hears everything at once, a crowd a little later.
 */
const GATHER_MS_PER_SOCKET = 0.5
const GATHER_MAX_MS = 250

/** Sockets that do not sign in are closed within seconds. */
const RETRY_AFTER_SECONDS = 5

/** Progress as it happens. The protocol is in docs/api.md. */
export const webSocketRoutes: FastifyPluginAsync<WebSocketRoutesOptions> = async (app, deps) => {
  const clients = new Map<WebSocket, Session & { alive: boolean }>()
  const openAt = new Map<string, number>()

  const gatherMs = () => Math.min(clients.size * GATHER_MS_PER_SOCKET, GATHER_MAX_MS)

  const heartbeat = setInterval(() => {
    for (const [socket, client] of clients) {
      if (!client.alive) socket.terminate()
      client.alive = false
      // Browsers answer the protocol's ping by themselves; the message is for clients that cannot see it.
      socket.ping()
      client.ping()
    }
  }, HEARTBEAT_MS)
  heartbeat.unref()

  const forget = deps.onAccessEnded((userId) => {
    for (const client of clients.values()) client.recheck(userId)
  })

  app.addHook('onClose', async () => {
    clearInterval(heartbeat)
    forget()
  })

  const handler = async () => {
    throw new AppError('UPGRADE_REQUIRED')
  }
  const wsHandler = (socket: WebSocket, request: FastifyRequest) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const onError = (thrown: unknown) => request.log.warn({ err: toError(thrown) }, 'socket error')
    const connection = { socket, stream: request.raw.socket, gatherMs, token }
    const client = { ...openSession(connection, { ...deps, onError }), alive: true }
    const hear = () => {
      client.alive = true
    }
    clients.set(socket, client)
    const leave = enter(request)
    socket
      .on('message', hear)
      .on('pong', hear)
      .on('close', () => {
        clients.delete(socket)
        leave()
      })
  }

  /** Before the upgrade: a refusal costs the server nothing but an answer. */
  const onRequest = async ({ ip }: FastifyRequest) => {
    if ((openAt.get(normalizeIP(ip)) ?? 0) >= deps.socketsPerAddress) {
      throw new AppError('RATE_LIMITED', {
        detail: `There are ${deps.socketsPerAddress} sockets of this address already.`,
        extra: { retry_after_seconds: RETRY_AFTER_SECONDS },
      })
    }
  }

  function enter({ ip }: FastifyRequest): () => void {
    const address = normalizeIP(ip)
    openAt.set(address, (openAt.get(address) ?? 0) + 1)
    return () => {
      const left = (openAt.get(address) ?? 1) - 1
      if (left > 0) openAt.set(address, left)
      else openAt.delete(address)
    }
  }

  const schema = {
    tags: ['server'],
    summary: 'Progress as it happens, over a WebSocket',
    response: problemResponses('UPGRADE_REQUIRED', 'RATE_LIMITED'),
  }
  app.route({ method: 'GET', url: '/ws', config: { public: true }, schema, onRequest, handler, wsHandler })
}
