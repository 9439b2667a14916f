import { Compile } from 'typebox/compile'
import { AppError } from '../errors.ts'
import { type Audience, isFinal, type ProgressBus, type ProgressEvent } from '../progress.ts'
import type { ModelsProgress } from '../schemas/model-packs.ts'
import { type ClientMessage, ClientMessageSchema } from '../schemas/progress.ts'
import type { Snapshot, SnapshotService } from '../services/snapshots.ts'
import { createOutbox, type Line } from './ws-outbox.ts'

/** Why the server closes a socket: codes of the wire, the same as the product this one re-creates. */
export const CLOSE = {
  authTimeout: { code: 4001, reason: 'Authentication timed out' },
  authRequired: { code: 4002, reason: 'Authenticate first' },
  tokenInvalid: { code: 4003, reason: 'Invalid token' },
  messageInvalid: { code: 4004, reason: 'Invalid message' },
} as const

export interface SessionDeps {
  /** Whose token it is, and what it may do. Throws AppError for one that is not valid. */
  identify(token: string): Promise<Audience & { scopes: readonly string[] }>
  /** Which model pack is active, and how far a change is. */
  modelsProgress(): ModelsProgress
  snapshots: SnapshotService
  bus: ProgressBus
  onError(thrown: unknown): void
}

const AUTH_TIMEOUT_MS = 5_000

/** Things one client may watch by name, and messages it may send ahead of our answers: far above any honest client. */
const SUBSCRIPTIONS_MAX = 10_000
const UNANSWERED_MAX = 1_000
const UNANSWERED_MAX_BYTES = 512 * 1024

const clientMessage = Compile(ClientMessageSchema)

export interface Session {
  /** Asks for a sign of life, and whether the token is still good: a session that was ended hears nothing more. */
  ping(): void
  /** Looks at the token again, if it is one of this user's. */
  recheck(userId: string): void
}

/** How a client is reached. */
export interface Connection extends Line {
  /** That of the upgrade request, if it had one. */
  readonly token: string | undefined
}

/** One client: authenticates, subscribes, is told. */
export function openSession({ token, ...line }: Connection, deps: SessionDeps): Session {
  const { socket } = line
  const { identify, modelsProgress, snapshots, bus, onError } = deps
  const outbox = createOutbox(line)
  const watching = { all: false, uploads: new Set<string>(), batches: new Set<string>() }
  let audience: Audience | undefined
  let credential: string | undefined
  let unsubscribe = () => {}
  let unanswered = 0
  let unansweredBytes = 0
  let answered: Promise<void> = Promise.resolve()

  const close = ({ code, reason }: { code: number; reason: string }) => socket.close(code, reason)
  const authTimer = setTimeout(close, AUTH_TIMEOUT_MS, CLOSE.authTimeout)
  socket.on('close', () => {
    clearTimeout(authTimer)
    unsubscribe()
  })
  // A message that is too long or not UTF-8 ends the socket with its own code; there is nothing else to do.
  socket.on('error', onError)
  socket.on('message', (data, isBinary) => {
    const text = isBinary ? '' : String(data)
    inOrder(() => receive(parse(text)), text.length)
  })
  if (token !== undefined) inOrder(() => authenticate(token))
  return {
    ping() {
      outbox.push({ action: 'ping' }, 'ping')
      if (credential !== undefined) inOrder(() => authenticate(credential ?? ''))
    },
    recheck(owner) {
      if (owner === audience?.userId) inOrder(() => authenticate(credential ?? ''))
    },
  }

  /** Messages are answered one after another: "subscribe" waits for the "auth" before it. */
  function inOrder(work: () => Promise<void>, bytes = 0): void {
    unanswered += 1
    unansweredBytes += bytes
    if (unanswered > UNANSWERED_MAX || unansweredBytes > UNANSWERED_MAX_BYTES) {
      close(CLOSE.messageInvalid)
      return
    }
    answered = answered
      .then(() => (socket.readyState === socket.OPEN ? work() : undefined))
      .catch((thrown: unknown) => {
        onError(thrown)
        socket.close(1011, 'Something went wrong on the server')
      })
      .finally(() => {
        unanswered -= 1
        unansweredBytes -= bytes
      })
  }

  async function receive(message: ClientMessage | undefined): Promise<void> {
    if (!message) return close(audience === undefined ? CLOSE.authRequired : CLOSE.messageInvalid)
    if (message.type === 'auth') return authenticate(message.token)
    if (audience === undefined) return close(CLOSE.authRequired)
    try {
      await act(message, audience)
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.status >= 500) throw thrown
      outbox.push({ action: 'error', code: thrown.code, message: thrown.message, request: knownMembers(message) })
    }
  }

  /** The first token opens the session; later ones of the same user keep it open when the first runs out. */
  async function authenticate(given: string): Promise<void> {
    let owner: Audience
    try {
      owner = await verify(given)
    } catch (thrown) {
      if (!(thrown instanceof AppError) || (thrown.status !== 401 && thrown.status !== 403)) throw thrown
      await outbox.sendFirst({ action: 'auth_error', code: thrown.code, message: thrown.message })
      return close(CLOSE.tokenInvalid)
    }
    if (given === credential || socket.readyState !== socket.OPEN) return
    credential = given
    if (audience === undefined) {
      clearTimeout(authTimer)
      audience = owner
      unsubscribe = bus.subscribe(owner, tell)
    }
    await outbox.sendFirst({ action: 'auth_success', user_id: owner.userId })
  }

  async function verify(given: string): Promise<Audience> {
    const owner = await identify(given)
    if (!owner.scopes.includes('read')) throw new AppError('SCOPE_MISSING')
    if (audience !== undefined && owner.userId !== audience.userId) throw new AppError('TOKEN_INVALID')
    return owner
  }

  async function act(message: Exclude<ClientMessage, { type: 'auth' }>, owner: Audience): Promise<void> {
    switch (message.type) {
      case 'subscribe_upload':
        return subscribe(watching.uploads, message.upload_id, async () =>
          sendSnapshot(await snapshots.upload(owner.userId, message.upload_id)),
        )
      case 'subscribe_batch':
        return subscribe(watching.batches, message.batch_id, () =>
          sendSnapshots(snapshots.batch(owner.userId, message.batch_id)),
        )
      case 'subscribe_all': {
        watching.all = true
        await outbox.holding(() => sendSnapshots(snapshots.all(owner.userId, message.since)))
        if (owner.role === 'administrator') tell({ action: 'models_progress', payload: modelsProgress() })
        return
      }
      case 'unsubscribe_upload':
        watching.uploads.delete(message.upload_id)
        return
      case 'unsubscribe_batch':
        watching.batches.delete(message.batch_id)
        return
      case 'pong':
        return
      default:
        message satisfies never
    }
  }

  /** Watches first and reads the rows then: whatever happens in between is both in the rows and in the queue. */
  async function subscribe(set: Set<string>, id: string, snapshot: () => Promise<void>): Promise<void> {
    if (set.size >= SUBSCRIPTIONS_MAX) return close(CLOSE.messageInvalid)
    set.add(id)
    try {
      await outbox.holding(snapshot)
    } catch (thrown) {
      set.delete(id)
      throw thrown
    }
  }

  async function sendSnapshots(pages: AsyncIterable<Snapshot>): Promise<void> {
    for await (const page of pages) {
      if (socket.readyState !== socket.OPEN) return
      await sendSnapshot(page)
    }
  }

  async function sendSnapshot(payload: Snapshot): Promise<void> {
    for (const { upload_id, status } of payload.uploads) {
      if (status === 'completed' || status === 'failed') outbox.drop(`upload:${upload_id}`)
    }
    await outbox.sendFirst({ action: 'snapshot', payload })
  }

  function tell(event: ProgressEvent): void {
    if (event.action === 'models_progress') {
      const { action, payload } = event
      if (watching.all) outbox.push({ action, payload }, 'models')
      return
    }
    const { action, payload } = event
    const key = 'upload_id' in payload ? `upload:${payload.upload_id}` : `batch:${payload.batch_id}`
    const watched =
      watching.all ||
      (payload.batch_id !== null && watching.batches.has(payload.batch_id)) ||
      ('upload_id' in payload && watching.uploads.has(payload.upload_id))
    if (!watched) return
    const final = isFinal(event)
    if (final) outbox.drop(key)
    outbox.push({ action, payload }, final ? undefined : key)
  }
}

/** What is told back of a message: a client that does not read could have us keep whatever else it put in. */
function knownMembers(message: ClientMessage): Record<string, unknown> {
  const { type } = message
  return {
    type,
    ...('upload_id' in message ? { upload_id: message.upload_id } : {}),
    ...('batch_id' in message ? { batch_id: message.batch_id } : {}),
    ...('since' in message ? { since: message.since } : {}),
  }
}

function parse(text: string): ClientMessage | undefined {
  try {
    const message: unknown = JSON.parse(text)
    return clientMessage.Check(message) ? message : undefined
  } catch {
    // Not JSON: the same as JSON that is no message, and the client is told so by the close code.
    return undefined
  }
}
