import { setTimeout as delay } from 'node:timers/promises'
import { layBait } from './bait.ts'
import { createCorpus } from './corpus/corpus.ts'
import { makeOriginals } from './corpus/originals.ts'
import { type Fate, feed } from './feed.ts'
import { readMemoryMb, slopeOf } from './server-memory.ts'
import { signIn } from './session.ts'

export interface CorpusRoundOptions {
  address: string
  pid: number
  /** Beside the data of the server. */
  dir: string
  files: number
  seed: number
  say(line: string): void
}

/** What one file may take from its first stage to its last, on a busy machine. */
const WORK_MAX_MS = 120_000

/** Memory is looked at every so many files; a tenth of them warms the server up. */
const SAMPLES = 40

/**
 * By so much the memory may grow for 1000 files, in the second half of a run that is long enough to tell: the C library
 * gives and takes 50 MB in between. A picture that is forgotten somewhere would be more.
 */
const GROWTH_MAX_MB = 50
const TELLING_FILES = 2000

/** A thread that looked at pictures is kept for five minutes after the last one; what it held is given back then. */
const RETURN_MS = 7 * 60_000
const LOOK_EVERY_MS = 5_000

/** All hostile files through a running server; the sentences of what was wrong. */
export async function runCorpus({ address, pid, dir, files, seed, say }: CorpusRoundOptions): Promise<string[]> {
  const { bait, secret, connections, close } = await layBait(dir)
  const session = await signIn(address, 'hostile')
  const every = Math.max(1, Math.floor(files / SAMPLES))
  const memory: number[] = []
  const late: string[] = []
  const ends = new Map<string, number>()
  let slowest: Fate = { kind: 'nothing', end: '', workMs: 0 }
  const startedMs = performance.now()

  const wrong = await feed({
    session,
    files: createCorpus({ files, seed, originals: await makeOriginals(dir), bait }),
    secret,
    async onFate(fate, count) {
      ends.set(fate.end, (ends.get(fate.end) ?? 0) + 1)
      if (fate.workMs > slowest.workMs) slowest = fate
      if (fate.workMs > WORK_MAX_MS) late.push(`${fate.kind} took ${fate.workMs} ms`)
      if (count % every === 0) memory.push(await readMemoryMb(pid))
      if (count % 500 === 0) say(`  ${count} files, ${memory.at(-1)} MB`)
    },
  })

  const problems = [...wrong, ...late]
  if (connections() > 0) problems.push(`The listener had ${connections()} connections`)
  const { text } = await session.anonymously('GET', '/health')
  if (!text.includes('"ok"')) problems.push(`The server says ${text}`)
  close()
  await session.close()
  const seconds = (performance.now() - startedMs) / 1000
  const warm = memory.slice(Math.floor(memory.length / 2))
  const per1000 = (slopeOf(warm) * 1000) / every
  if (files >= TELLING_FILES && per1000 > GROWTH_MAX_MB) problems.push(`Memory grew by ${per1000} MB for 1000 files`)
  say(
    `  ends: ${[...ends]
      .sort((a, b) => b[1] - a[1])
      .map(([end, count]) => `${end} ${count}`)
      .join(', ')}`,
  )
  say(`  memory: first ${memory[0]} MB, most ${Math.max(...memory)} MB, last ${memory.at(-1)} MB`)
  say(`  memory in the second half: ${per1000.toFixed(1)} MB for every 1000 files`)
  if (files >= TELLING_FILES) {
    const idleMb = await watchReturn(pid, memory[0] ?? 0)
    say(`  memory when it had nothing to do: ${idleMb} MB`)
    if (idleMb > (memory[0] ?? 0)) problems.push(`Memory stayed at ${idleMb} MB; it was ${memory[0]} MB at first`)
  }
  say(`  slowest: ${slowest.kind} (${slowest.end}), ${slowest.workMs} ms of work`)
  say(
    `  ${files} files in ${seconds.toFixed(0)} s, ${connections()} connections to the listener, ${problems.length} problems`,
  )
  return problems
}

/** Waits until the memory is what it was; gives what it is then, or after the time that it may take. */
async function watchReturn(pid: number, beforeMb: number): Promise<number> {
  const startedMs = performance.now()
  for (;;) {
    const nowMb = await readMemoryMb(pid)
    if (nowMb <= beforeMb || performance.now() - startedMs > RETURN_MS) return nowMb
    await delay(LOOK_EVERY_MS)
  }
}
