/**
 * A program that may open no more files, started under a low limit. What it tries to run cannot get its pipes; it must
 * say so and go on.
 */

import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { systemCode } from '#src/errors.js'
import { createFfmpeg } from '#src/media/video/ffmpeg/ffmpeg.js'
import { runProcess } from '#src/media/video/ffmpeg/run.js'
import { codeOf } from './media-samples.ts'

const program = process.execPath
const limits = { timeoutMs: 20_000, maxStdoutBytes: 1000 }

const opened: number[] = []
try {
  for (;;) opened.push(openSync(devNull, 'r'))
} catch (thrown) {
  if (systemCode(thrown) !== 'EMFILE') throw thrown
}
const ffmpeg = createFfmpeg({ path: program, version: '' })
const starved = {
  system: await runProcess(program, ['--version'], limits).catch(systemCode),
  code: await codeOf(ffmpeg.run({ path: devNull, output: [], timeoutMs: limits.timeoutMs })),
  filters: await codeOf(ffmpeg.canToneMap()),
}
for (const descriptor of opened) closeSync(descriptor)
const { exitCode } = await runProcess(program, ['--version'], limits)
console.log(JSON.stringify({ ...starved, exitCode, filtersLater: await codeOf(ffmpeg.canToneMap()) }))
