import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sample } from '../../demo/samples.ts'

const run = promisify(execFile)

/** A slow pan over each picture, in H.264, which every browser plays. */
export async function makeFilm(name: string, pictures: readonly Sample[], folder: string): Promise<Sample> {
  const paths = pictures.map((_, index) => join(folder, `film-${index}.jpg`))
  await Promise.all(pictures.map(({ bytes }, index) => writeFile(paths[index] ?? '', bytes)))
  const inputs = paths.flatMap((path) => ['-loop', '1', '-t', '4', '-i', path])
  const pans = paths.map(
    (_, index) =>
      `[${index}:v]scale=1120:840:force_original_aspect_ratio=increase,` +
      `crop=1024:768:x='(iw-1024)*t/4':y='(ih-768)/2',setsar=1,fps=20,format=yuv420p[v${index}]`,
  )
  const joined = `${paths.map((_, index) => `[v${index}]`).join('')}concat=n=${paths.length}:v=1:a=0[out]`
  const out = join(folder, 'film.mp4')
  const coded = ['-map', '[out]', '-c:v', 'libx264', '-preset', 'fast', '-movflags', '+faststart', '-y', out]
  await run('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', ...inputs],
    ...['-filter_complex', [...pans, joined].join(';'), ...coded],
  ])
  return { name, bytes: new Uint8Array(await readFile(out)) }
}
