import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lockDataDir } from '#src/db/data-lock.js'

async function createFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-lock-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('the second to lock a data folder is refused by the name of the folder, until the first lets go', async (t) => {
  const dataDir = join(await createFolder(t), 'made', 'with', 'the', 'lock')
  const lock = await lockDataDir(dataDir)
  await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_LOCKED', message: new RegExp(dataDir) })
  await lock.release()
  await (await lockDataDir(dataDir)).release()
})

t.test('of many that lock at the same time exactly one succeeds', async (t) => {
  const dataDir = await createFolder(t)
  for (let round = 0; round < 5; round += 1) {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir)))
    const winners = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
    t.equal(winners.length, 1)
    for (const winner of winners) await winner.release()
  }
})

t.test('a long path is locked all the same', async (t) => {
  const dataDir = join(await createFolder(t), 'a'.repeat(80), 'b'.repeat(80))
  const lock = await lockDataDir(dataDir)
  await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_LOCKED' })
  await lock.release()
})

t.test('the lock of a process that was killed is free, and so is its turn at the lock', async (t) => {
  const dataDir = await createFolder(t)
  await mkdir(join(dataDir, 'run'))
  const script = `require('net').createServer().listen(${JSON.stringify(join(dataDir, 'run', 'lock.sock'))}, () => console.log('held'))`
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_LOCKED' })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const turn = join(dataDir, 'run', 'lock.turn')
  await mkdir(turn)
  await utimes(turn, 0, 0)
  await (await lockDataDir(dataDir)).release()
})
