import { statSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Kills the process whenever a picture of exactly CRASH_FILE_BYTES is looked at, as a bug in a native library would. */
const sharp = createRequire(import.meta.url)('sharp')
const { metadata } = sharp.prototype
sharp.prototype.metadata = function metadataOrDeath(...args) {
  const { file } = this.options.input
  if (file !== undefined && statSync(file).size === Number(process.env.CRASH_FILE_BYTES)) {
    process.kill(process.pid, 'SIGKILL')
  }
  return metadata.apply(this, args)
}
