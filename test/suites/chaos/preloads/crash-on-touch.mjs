import { statSync } from 'node:fs'
import sharp from 'sharp'

/**
 * Kills the process CRASH_AFTER_MS after a picture of exactly CRASH_FILE_BYTES was looked at, as a bug in a native
 * library would: with whatever else is under way.
 */
const { metadata } = sharp.prototype
sharp.prototype.metadata = function metadataOrDeath(...args) {
  const { file } = this.options.input
  if (file !== undefined && statSync(file).size === Number(process.env.CRASH_FILE_BYTES)) {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(process.env.CRASH_AFTER_MS))
    return new Promise(() => {})
  }
  return metadata.apply(this, args)
}
