import { AppError, systemCode } from '../../../errors.ts'
import { inputArguments } from './input.ts'
import type { FfmpegProgram } from './locate.ts'
import { type RunOptions, type RunResult, runProcess } from './run.ts'

export interface FfmpegCall extends Partial<RunOptions> {
  readonly path: string
  /** Options of the input, such as where to seek to. */
  readonly input?: readonly string[]
  /** What to do with the picture, and where to write it. */
  readonly output: readonly string[]
  readonly timeoutMs: number
}

/** A report goes to stderr; only a list of filters comes near. */
const DEFAULT_MAX_STDOUT_BYTES = 256 * 1024

/** Both are needed to show high dynamic range as it was meant; small builds lack them. */
const TONE_MAP_FILTERS = ['zscale', 'tonemap']
const FILTERS_TIMEOUT_MS = 15_000

const TOOL_NOT_STARTED = 'The server could not start ffmpeg. It may be short of memory or of files it can open.'

/** Runs one ffmpeg on one untrusted file. */
export function createFfmpeg(program: FfmpegProgram | undefined) {
  let toneMapping: Promise<boolean> | undefined

  function getPath(): string {
    if (program === undefined) throw new AppError('VIDEO_TOOL_MISSING')
    return program.path
  }

  async function run({ path, input, output, ...limits }: FfmpegCall): Promise<RunResult> {
    return start([...inputArguments(path, input), ...output], limits)
  }

  async function start(args: readonly string[], limits: Omit<RunOptions, 'maxStdoutBytes'>): Promise<RunResult> {
    const programPath = getPath()
    try {
      return await runProcess(programPath, args, { maxStdoutBytes: DEFAULT_MAX_STDOUT_BYTES, ...limits })
    } catch (thrown) {
      throw startError(thrown)
    }
  }

  async function findToneMapFilters(): Promise<boolean> {
    const { stdout } = await start(['-hide_banner', '-filters'], { timeoutMs: FILTERS_TIMEOUT_MS })
    return TONE_MAP_FILTERS.every((name) => stdout.includes(` ${name} `))
  }

  return {
    program,
    /** Settles whatever ffmpeg thought of the file. Throws like runProcess, and AppError VIDEO_TOOL_MISSING. */
    run,
    /** Throws like `run`; a call that failed is tried again. */
    canToneMap(): Promise<boolean> {
      toneMapping ??= findToneMapFilters().catch((thrown: unknown) => {
        toneMapping = undefined
        throw thrown
      })
      return toneMapping
    },
  }
}

/** Says in the catalogue's words why the program did not start. What else was thrown passes through unchanged. */
function startError(thrown: unknown): unknown {
  if (!isSpawnError(thrown)) return thrown
  const code = systemCode(thrown)
  if (code === 'ENOENT' || code === 'EACCES') return new AppError('VIDEO_TOOL_MISSING', { cause: thrown })
  // Out of file descriptors, processes or memory: the file is not to blame, and a later try may do.
  return new AppError('INTERNAL', { detail: TOOL_NOT_STARTED, cause: thrown })
}

function isSpawnError(thrown: unknown): boolean {
  return thrown instanceof Error && 'syscall' in thrown && String(thrown.syscall).startsWith('spawn')
}

export type Ffmpeg = ReturnType<typeof createFfmpeg>

/**
 * Says in the catalogue's words what ffmpeg says in its own.
 * @throws AppError VIDEO_NO_PICTURE, MEDIA_TOO_MANY_PIXELS, FILE_MISSING, MEDIA_UNREADABLE
 */
export function assertReadable({ exitCode, stderr }: RunResult): void {
  if (exitCode === 0) return
  const cause = new Error(`ffmpeg ended with ${exitCode}: ${stderr.slice(-2000)}`)
  if (/matches no streams/.test(stderr)) throw new AppError('VIDEO_NO_PICTURE', { cause })
  if (/Picture size \d+x\d+ (is invalid|exceeds)/.test(stderr)) throw new AppError('MEDIA_TOO_MANY_PIXELS', { cause })
  if (/: No such file or directory/.test(stderr)) throw new AppError('FILE_MISSING', { cause })
  throw new AppError('MEDIA_UNREADABLE', { cause })
}
