import type { BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../../helpers/client.ts'
import { type Bytes, picture } from '../../../helpers/samples.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { ended, type Trial } from './fault.ts'

const CRASH_FILE_BYTES = 1_234_567
/** Large enough to be under way when the crash comes, two seconds after it was brought about. */
const SLOW_PICTURE = 400
const CRASH_AFTER_MS = 2000
const MOST_STARTS = 6

/** A file that ends the process whenever it is looked at: it is given up, and takes nobody with it. */
export async function crashFile({ dataDir, holds }: Trial): Promise<void> {
  const well = launch(dataDir)
  const user = await signUp(await well.ready(), 'crashes')
  await well.stop()

  const options = {
    preloads: ['crash-on-touch'],
    env: {
      CRASH_FILE_BYTES: String(CRASH_FILE_BYTES),
      CRASH_AFTER_MS: String(CRASH_AFTER_MS),
      INTERACTIVE_CONCURRENCY: '3',
    },
  }
  const slow = (number: number) => picture(number, SLOW_PICTURE)
  const files: [string, Bytes][] = [
    ['b1.png', await slow(1)],
    ['b2.png', await slow(2)],
  ]
  const singles = await Promise.all([3, 4, 5].map(slow))
  const killer = new Uint8Array(CRASH_FILE_BYTES)
  killer.set(await picture(6))

  let server = launch(dataDir, options)
  const address = await server.ready()
  const hand = (name: string, bytes: Bytes) =>
    user.call<Upload>(address, 'POST', '/v1/upload', form([[name, bytes]])).then((reply) => reply?.body.id)
  const batch = await user.call<BatchDetail>(address, 'POST', '/v1/batches', form(files))
  const [fatal, ...others] = [
    await hand('fatal.png', killer),
    ...(await Promise.all(singles.map((it) => hand('s', it)))),
  ]
  let starts = 1
  for (; starts < MOST_STARTS && !(await givesUp(server)); starts++) server = launch(dataDir, options)
  const again = await server.ready()
  const lost = await ended(user, again, fatal ?? '')
  holds(lost?.error_code === 'PROCESSING_CRASHED' && lost.attempts === 2, `the file is given up: ${lost?.error_code}`)
  holds(starts === 3, `after two attempts, each of which ended the process: ${starts} starts`)
  const ids = [...others, ...(batch?.body.items ?? []).map((item) => item.upload_id ?? '')]
  for (const id of ids) {
    // Not answered before the crash: nothing was promised.
    if (!id) continue
    const upload = await ended(user, again, id)
    holds(upload?.status === 'completed', `one beside it is ${upload?.status} at attempt ${upload?.attempts}`)
  }
  await server.stop()
}

/** Whether it gives the file up; false when it ends before. */
async function givesUp(server: ReturnType<typeof launch>): Promise<boolean> {
  return (await server.logged(/upload given up/)) !== undefined
}
