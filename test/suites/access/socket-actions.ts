import { ClientMessageSchema } from '#src/schemas/progress.js'
import type { Ids } from './routes.ts'

/** Every action of the wire, by the schema that the server checks messages with. */
export const SOCKET_ACTIONS = ClientMessageSchema.anyOf.map(({ properties }) => properties.type.const)

/** What a client says for each action; an action that is not here fails the test. */
export const SOCKET_MESSAGES: Readonly<Record<string, (ids: Ids, token: string) => object>> = {
  auth: (_ids, token) => ({ token }),
  subscribe_upload: ({ upload }) => ({ upload_id: upload }),
  unsubscribe_upload: ({ upload }) => ({ upload_id: upload }),
  subscribe_batch: ({ batch }) => ({ batch_id: batch }),
  unsubscribe_batch: ({ batch }) => ({ batch_id: batch }),
  subscribe_all: () => ({ since: '2020-01-01T00:00:00Z' }),
  pong: () => ({}),
}
