import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '../../helpers/samples.ts'
import { type Actor, act } from './actions.ts'
import { checkFully, drained } from './checks.ts'
import { createExpectations } from './expectations.ts'
import { createRandom } from './random.ts'
import { launch, type Server } from './server.ts'
import { signUp } from './user.ts'

export interface KillRoundsOptions {
  readonly dataDir: string
  readonly rounds: number
  readonly seed: number
  readonly users: number
  /** After how many rounds everything is looked at. */
  readonly fullCheckEvery: number
  /** Some uploads are videos when there is one. */
  readonly video?: Bytes | undefined
  readonly say?: (line: string) => void
}

export interface KillRoundsResult {
  readonly violations: readonly string[]
  readonly kills: number
  /** Rounds that ended with SIGTERM. */
  readonly stops: number
  readonly killedBeforeListening: number
  readonly acknowledged: number
  readonly counts: Readonly<Record<string, number>>
}

/** When the server is killed: while it starts, or this long after it listens. */
const KILLED_WHILE_STARTING = 0.2
const START_MS = { least: 50, most: 2500 }
const LIFE_MS = { least: 50, most: 3000 }

/** Every so many rounds the server is asked to stop, in the middle of everything. */
const STOP_EVERY = 5

/**
 * Users work on a real server that is killed at random moments, over and over, on one data folder. Kept is what was
 * acknowledged: nothing more, and nothing less.
 */
export async function killRounds(options: KillRoundsOptions): Promise<KillRoundsResult> {
  const { dataDir, rounds, seed, users, fullCheckEvery, video, say = () => {} } = options
  const random = createRandom(seed)
  const violations: string[] = []
  const counts: Record<string, number> = {}
  let [kills, stops, killedBeforeListening, pictures, round] = [0, 0, 0, 0, 0]
  const violated = (what: string) => {
    violations.push(`round ${round}: ${what}`)
    say(`VIOLATION in round ${round}: ${what}`)
  }

  const first = launch(dataDir)
  const address = await first.ready()
  const actors: Actor[] = []
  for (let number = 0; number < users; number++) {
    actors.push({
      user: await signUp(address, `chaos${number}`),
      expect: createExpectations(),
      random: createRandom(seed * 1000 + number),
      nextPicture: () => ++pictures,
      violated,
      video,
      counts,
    })
  }
  await first.kill()

  for (round = 1; round <= rounds; round++) {
    const server = launch(dataDir)
    if (round % STOP_EVERY === 0) {
      await liveFor(server, random.between(LIFE_MS.least, LIFE_MS.most), async () => {
        const exitCode = await server.stop()
        if (exitCode !== 0) violated(`SIGTERM in the middle of everything ended it with ${exitCode}`)
      })
      stops++
    } else if (random.chance(KILLED_WHILE_STARTING)) {
      await delay(random.between(START_MS.least, START_MS.most))
      await server.kill()
      killedBeforeListening++
      kills++
    } else {
      await liveFor(server, random.between(LIFE_MS.least, LIFE_MS.most), () => server.kill())
      kills++
    }
    for (const line of server.complaints()) violated(`the log says ${line.slice(0, 600)}`)
    if (round % fullCheckEvery === 0 || round === rounds) await lookAtEverything(round === rounds)
  }
  const acknowledged = actors.reduce((sum, { expect }) => sum + expect.uploads.size, 0)
  return { violations, kills, stops, killedBeforeListening, acknowledged, counts }

  /** Everybody reconnects and works until the end. */
  async function liveFor(server: Server, lifeMs: number, end: () => Promise<void>): Promise<void> {
    const listening = await server.address
    if (listening === undefined) return violated(`it did not start:\n${server.lines.slice(-10).join('\n')}`)
    let alive = true
    const working = actors.map(async (actor) => {
      const watching = await actor.user.watch(listening)
      await act(actor, listening, () => alive)
      watching?.socket.terminate()
    })
    await delay(lifeMs)
    alive = false
    await end()
    await Promise.all(working)
  }

  async function lookAtEverything(everyByte: boolean): Promise<void> {
    const server = launch(dataDir)
    const listening = await server.ready()
    await server.logged(/looked for files without an upload|nothing is swept/)
    const watches = await Promise.all(actors.map((actor) => actor.user.watch(listening)))
    await Promise.all(actors.map((actor) => drained(actor, listening)))
    for (const actor of actors) await checkFully(actor, listening, dataDir, everyByte)
    const left = await readdir(join(dataDir, 'tmp'))
    if (left.length > 0) violated(`temporary files are left: ${left}`)
    for (const watch of watches) watch?.socket.terminate()
    const exitCode = await server.stop()
    if (exitCode !== 0) violated(`SIGTERM ended it with ${exitCode}`)
    for (const line of server.complaints()) violated(`the log says ${line.slice(0, 600)}`)
    const kept = actors.reduce((sum, { expect }) => sum + expect.surely('kept').length, 0)
    say(`round ${round}: everything looked at, ${kept} uploads kept, ${violations.length} violations`)
  }
}
