import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, isAllKept, type Kept, type Trial } from './fault.ts'
import { mountDisk, moveDatabase, unmountDisk } from './full-disk.ts'

const run = promisify(execFile)

/** The files' disk can only be read for a while, as after an error of the disk; the database has a disk of its own. */
export async function readOnlyDisk({ dataDir: disk, holds }: Trial): Promise<void> {
  if (!(await mountDisk(disk)) || !(await moveDatabase(disk))) {
    return holds(true, 'a disk that can only be read: skipped, nothing can be mounted here')
  }
  const server = launch(disk)
  try {
    const address = await server.ready()
    const user = await signUp(address, 'readonly')
    const kept: Kept[] = []
    const add = async (number: number) => {
      const { status, code, kept: one } = await handOver(user, address, number)
      if (one) kept.push(one)
      return `${status} ${code ?? ''}`.trim()
    }
    await add(1)
    holds(await isAllKept(user, address, kept), 'before, an upload is developed')
    await run('mount', ['-o', 'remount,ro', disk])
    const answer = await add(2)
    holds(answer === '507 STORAGE_FULL', `while the disk can only be read: ${answer}`)
    holds(await isAllKept(user, address, kept), 'what is there can be read')
    await run('mount', ['-o', 'remount,rw', disk])
    await add(3)
    holds(kept.length === 2 && (await isAllKept(user, address, kept)), 'it works again')
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
    await unmountDisk(join(disk, 'database'))
    await unmountDisk(disk)
  }
}
