import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { AppError, toError } from '../errors.ts'
import { openSession, type Session, type SessionDeps } from './ws-session.ts'

export interface WebSocketRoutesOptions extends Omit<SessionDeps, 'onError'> {
  /** Calls back for every user who may no longer do anything. Returns the function that ends this. */
  onDisabled(listener: (userId: string) => void): () => void
}

/** A client that answers neither this ping nor the one before is gone, even if TCP does not know it yet. */
const HEARTBEAT_MS = 30_000

/** Progress as it happens. The protocol is in docs/api.md. */
export const webSocketRoutes: FastifyPluginAsync<WebSocketRoutesOptions> = async (app, deps) => {
  const clients = new Map<WebSocket, Session & { alive: boolean }>()

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

  const forget = deps.onDisabled((userId) => {
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
    const client = { ...openSession(socket, token, { ...deps, onError }), alive: true }
    const hear = () => {
      client.alive = true
    }
    clients.set(socket, client)
    socket
      .on('message', hear)
      .on('pong', hear)
      .on('close', () => clients.delete(socket))
  }
  app.route({ method: 'GET', url: '/ws', config: { public: true }, handler, wsHandler })
}
