import { createRequire } from 'node:module'
import { AppError } from '../../../errors.ts'
import { runProcess } from './run.ts'

export interface FfmpegProgram {
  readonly path: string
  readonly version: string
}

/** A program on a cold, busy disk takes a while to start; one that takes longer is not usable. */
const VERSION_TIMEOUT_MS = 15_000

/**
 * Finds an ffmpeg that runs: the configured one, else the newest packaged one, the system's, the last-resort package.
 * @returns undefined when there is none
 * @throws AppError CONFIG_INVALID when the configured one does not run
 */
export async function locateFfmpeg(configuredPath: string | undefined): Promise<FfmpegProgram | undefined> {
  if (configuredPath !== undefined) {
    const version = await findVersion(configuredPath)
    if (version !== undefined) return { path: configuredPath, version }
    throw new AppError('CONFIG_INVALID', { detail: 'Expected an ffmpeg that runs for FFMPEG_PATH.' })
  }
  for (const path of candidates()) {
    const version = await findVersion(path)
    if (version !== undefined) return { path, version }
  }
  return undefined
}

function* candidates(): Generator<string> {
  const packaged = createRequire(import.meta.url)
  const newest = loadOptional(packaged, 'ffmpeg-static')
  if (typeof newest === 'string') yield newest
  yield 'ffmpeg'
  const lastResort = loadOptional(packaged, '@ffmpeg-installer/ffmpeg')
  if (hasPath(lastResort)) yield lastResort.path
}

/** Both packages are optional, and one of them throws while it loads on machines it has no program for. */
function loadOptional(require: NodeJS.Require, name: string): unknown {
  try {
    return require(name)
  } catch {
    return undefined
  }
}

function hasPath(value: unknown): value is { path: string } {
  return value !== null && typeof value === 'object' && 'path' in value && typeof value.path === 'string'
}

/** The version a program says it is, or undefined when it is no ffmpeg or does not run here. */
async function findVersion(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await runProcess(path, ['-version'], {
      timeoutMs: VERSION_TIMEOUT_MS,
      maxStdoutBytes: 64 * 1024,
    })
    return /^ffmpeg version (\S+)/.exec(stdout.toString('latin1'))?.[1]
  } catch {
    // Not there, not executable, for another machine: the next candidate may do.
    return undefined
  }
}
