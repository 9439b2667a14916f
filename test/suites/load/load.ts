import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { BatchDetail } from '#src/schemas/batches.js'
import { quantile } from '../../../bench/report.ts'
import { form } from '../../helpers/client.ts'
import { launch, type Server } from '../chaos/server.ts'
import { signUp, type User } from '../chaos/user.ts'
import { openAfterwards } from './afterwards.ts'
import { createPictures, createTally, handOver, search, type Tally } from './clients.ts'
import type { Heard } from './listeners.ts'
import { lookAtProcessor, stolen, watchVitals } from './vitals.ts'

export interface LoadOptions {
  readonly dataDir: string
  readonly minutes: number
  readonly clients: number
  readonly sockets: number
  readonly batch: number
  /** Folder for a CPU profile of the server. */
  readonly profile?: string | undefined
  readonly say: (line: string) => void
}

/** One after another, before the load: enough that the worst of a hundred is not a single upload's bad luck. */
const IDLE_UPLOADS = 1000
const SEARCHERS = 5
const SEARCH_PAUSE_MS = 200

/** Many clients, many listeners, a large batch and searches at once; gives the number of acknowledged uploads lost. */
export async function load(options: LoadOptions): Promise<number> {
  const { dataDir, say } = options
  const server = launch(dataDir, { preloads: ['measure-loop'], profile: options.profile })
  const address = await server.ready()
  let ending = false
  void server.exited.then((code) => {
    if (!ending) say(`the server ended with ${code}:\n${server.lines.slice(-10).join('\n')}`)
  })
  const pictureOf = await createPictures()
  const owner = await signUp(address, 'owner')
  const users: User[] = []
  for (let number = 0; number < options.clients; number++) users.push(await signUp(address, `client${number}`))
  let [next, alive] = [0, true]
  const isAlive = () => alive

  const [idle, before] = [createTally(), await lookAtProcessor()]
  for (let number = 0; number < IDLE_UPLOADS; number++) await handOver(owner, address, idle, pictureOf(next++), isAlive)
  say(
    `${IDLE_UPLOADS} uploads of one client; the host took ${stolen(before, await lookAtProcessor()).toFixed(1)} % meanwhile`,
  )
  await measureLoop(server, 1)

  say(`${users.length} clients signed up; ${options.sockets} listeners connect`)
  const tally = createTally()
  const endListeners = await openListeners(options.sockets, owner, address)
  const vitals = watchVitals(server)
  const files = Array.from({ length: options.batch }, () => [`b${next}.png`, pictureOf(next++)] as const)
  // Handed over before the others come: file by file in line with theirs, its answer would come after minutes.
  const handed = await owner.call<BatchDetail>(address, 'POST', '/v1/batches', form(files))
  say(`batch of ${options.batch} handed over: ${handed?.status}; the load begins for ${options.minutes} minutes`)
  const working = [
    ...users.map(async (user) => {
      while (alive) await handOver(user, address, tally, pictureOf(next++), isAlive)
    }),
    ...Array.from({ length: SEARCHERS }, async (_, number) => {
      const user = users[number % users.length] ?? owner
      for (; alive; await delay(SEARCH_PAUSE_MS)) await search(user, address, tally)
    }),
  ]
  await delay(options.minutes * 60_000)
  const loop = await measureLoop(server, 2)
  alive = false
  await Promise.all(working)
  for (const { upload_id: id } of handed?.body.items ?? []) {
    if (id) tally.acknowledged.push({ id, userId: owner.id })
  }
  say(
    `batch of ${options.batch}: ${handed?.status}, ${handed?.body.batch?.counts.succeeded} developed when it was answered`,
  )
  const now = await owner.call<BatchDetail>(address, 'GET', `/v1/batches/${handed?.body.batch?.id}?limit=1`)
  say(`developed at the end: ${now?.body.batch?.counts.succeeded} of the batch`)
  const ended = await endListeners()
  const heard = ended.map((listener) => listener.heard)
  say(
    `${options.sockets} listeners: ${Math.min(...heard)} to ${Math.max(...heard)} messages each, ${ended.filter((it) => it.closed).length} were closed`,
  )
  report(idle, tally, loop, say)
  say(vitals.report())
  ending = true
  say(`SIGTERM ended it with ${await server.stop()}; ${server.complaints().length} errors in its log`)
  for (const line of server.complaints().slice(0, 5)) say(line.slice(0, 400))
  const lost = await countLost(dataDir, [...idle.acknowledged, ...tally.acknowledged])
  say(`${idle.acknowledged.length + tally.acknowledged.length} uploads acknowledged, ${lost} lost`)
  return lost + tally.errors.size
}

function report(idle: Tally, tally: Tally, loop: string, say: (line: string) => void): void {
  const latency = (ms: number[]) => `p50 ${quantile(ms, 0.5).toFixed(0)}, p99 ${quantile(ms, 0.99).toFixed(0)} ms`
  const times = quantile(tally.uploadMs, 0.99) / quantile(idle.uploadMs, 0.99)
  say(`POST /v1/upload idle: ${latency(idle.uploadMs)}; loaded: ${latency(tally.uploadMs)} (${tally.uploadMs.length})`)
  say(`the p99 under load is ${times.toFixed(1)} times that of an idle server`)
  say(`searches answered: ${tally.searchMs.length}, ${latency(tally.searchMs)}`)
  say(`pushed back: ${tally.pushedBack}; errors: ${JSON.stringify(Object.fromEntries(tally.errors))}`)
  say(`event loop of the server, ms: ${loop}`)
}

/** What the event loop was held up since it was last asked; it is asked for the `number`th time. */
async function measureLoop(server: Server, number: number): Promise<string> {
  server.signal('SIGUSR2')
  return (await server.logged(new RegExp(`"loop":{"number":${number}`))) ?? 'the server has ended'
}

/** They have a process of their own: what they hear must not hold up the clock of those who upload. */
async function openListeners(count: number, user: User, address: string) {
  const listening = fork(new URL('./listeners.ts', import.meta.url), [address, user.authorization, String(count)])
  await once(listening, 'message')
  return async (): Promise<readonly Heard[]> => {
    listening.send('end')
    const [heard] = await once(listening, 'message')
    return heard
  }
}

/** Rows and files of what was acknowledged, read without the server. */
async function countLost(dataDir: string, acknowledged: readonly { id: string; userId: string }[]): Promise<number> {
  const database = await openAfterwards(dataDir)
  const rows = await database.sql<{ id: string }[]>`select id from uploads`
  await database.close()
  const there = new Set(rows.map(({ id }) => id))
  const isThere = ({ id, userId }: { id: string; userId: string }) =>
    there.has(id) && existsSync(join(dataDir, 'media', userId, id, 'original.png'))
  return acknowledged.filter((upload) => !isThere(upload)).length
}
