import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, handOverBatch, isAllKept, type Trial } from './fault.ts'

/** A worker thread dies in the middle of a batch: the database's, or those of the models. */
export async function endedThread({ dataDir, holds }: Trial, which: 'database' | 'models'): Promise<void> {
  const server = launch(dataDir, { preloads: ['end-thread'], env: { END_THREAD: which } })
  try {
    const address = await server.ready()
    const user = await signUp(address, `threads-${which}`)
    const watching = await user.watch(address)
    const kept = await handOverBatch(user, address, 6)
    await watching?.until(({ action }) => action === 'upload_completed')
    server.signal('SIGUSR2')
    const { status, kept: single } = await handOver(user, address, 100)
    holds(status === 201 || status === 503 || status === undefined, `meanwhile an upload is answered with ${status}`)
    if (single) kept.push(single)
    holds(await isAllKept(user, address, kept), `the thread of the ${which} died: all ${kept.length} are developed`)
    const died = server.lines.some((line) => line.includes('the embedded database died'))
    holds(which !== 'database' || died, 'it really died')
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
  }
}
