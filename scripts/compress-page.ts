import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Lays a compressed copy beside each script and style of the built page: the server sends it to who takes it. */
const ASSETS = 'dist/page/assets'

/** Smaller ones fit into one packet anyway. */
const WORTH_IT_BYTES = 1024

for (const name of readdirSync(ASSETS)) {
  if (!/\.(js|css|svg)$/.test(name)) continue
  const bytes = readFileSync(join(ASSETS, name))
  if (bytes.length < WORTH_IT_BYTES) continue
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  writeFileSync(join(ASSETS, `${name}.br`), brotliCompressSync(bytes, brotli))
  writeFileSync(join(ASSETS, `${name}.gz`), gzipSync(bytes, { level: 9 }))
}
