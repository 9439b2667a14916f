import type { HttpApp } from './foundation.ts'

const GOING_AWAY = 1001

/** A keep-alive connection becomes idle when its answer is out; nobody tells when. */
const IDLE_CHECK_MS = 100

/**
 * Lets the requests in flight end while the server closes, and no longer than `graceMs`: a connection that is kept
 * alive, a client that says nothing, or an upload that is stuck would otherwise hold the process.
 */
export function registerShutdown(app: HttpApp, graceMs: number): void {
  app.addHook('preClose', async () => {
    const closeIdle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_MS)
    const closeAll = setTimeout(() => {
      app.server.closeAllConnections()
      for (const client of app.websocketServer.clients) client.terminate()
    }, graceMs)
    app.server.once('close', () => {
      clearInterval(closeIdle)
      clearTimeout(closeAll)
    })
  })
}

/** Tells every client on a WebSocket that it should connect again, elsewhere or later. */
export function closeWebSockets(this: HttpApp, done: () => void): void {
  for (const client of this.websocketServer.clients) client.close(GOING_AWAY, 'The server is stopping')
  this.websocketServer.close()
  done()
}
