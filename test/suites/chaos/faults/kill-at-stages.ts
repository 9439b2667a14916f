import type { ProgressStage, StageRun, Upload } from '#src/schemas/uploads.js'
import { form } from '../../../helpers/client.ts'
import { type Bytes, picture } from '../../../helpers/samples.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { ended, type Trial } from './fault.ts'

const OF_PICTURES = ['probing', 'thumbnail', 'vision_analysis', 'embedding_generation', 'indexing'] as const
const OF_VIDEOS = [...OF_PICTURES, 'extracting_frames'] as const

/** Killed when the news of each stage arrives: each is resumed where it was, once, with the attempt counted. */
export async function killAtStages({ dataDir, holds }: Trial, video: Bytes | undefined): Promise<void> {
  let number = 0
  let server = launch(dataDir)
  const user = await signUp(await server.ready(), 'stages')
  const cases: [ProgressStage, 'picture' | 'video'][] = OF_PICTURES.map((stage) => [stage, 'picture'])
  if (video) for (const stage of OF_VIDEOS) cases.push([stage, 'video'])
  for (const [stage, kind] of cases) {
    const address = await server.ready()
    const watching = await user.watch(address)
    const plain = kind === 'video' && video ? video : await picture(++number, 200)
    // A number after the end makes it another file, and is skipped by every reader.
    const bytes = Buffer.concat([plain, Buffer.from([0, 0, 0, 12]), Buffer.from('free'), Buffer.alloc(4, ++number)])
    const handed = await user.call<Upload>(address, 'POST', '/v1/upload', form([[kind, new Uint8Array(bytes)]]))
    const id = handed?.body.id ?? ''
    await watching?.until(({ payload }) => payload?.upload_id === id && payload.stage === stage)
    await server.kill()
    server = launch(dataDir)
    const again = await server.ready()
    const upload = await ended(user, again, id)
    const record = await user.call<{ items: StageRun[] }>(again, 'GET', `/v1/uploads/${id}/stages`)
    const done = (record?.body.items ?? []).filter(({ outcome }) => outcome === 'done').map((run) => run.stage)
    const sound = upload?.status === 'completed' && upload.attempts <= 2 && new Set(done).size === done.length
    holds(sound, `killed at ${stage} of a ${kind}: ${upload?.status}, attempt ${upload?.attempts}, done ${done}`)
  }
  await server.stop()
}
