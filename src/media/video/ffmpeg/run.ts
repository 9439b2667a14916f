import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { AppError } from '../../../errors.ts'

export interface RunOptions {
  readonly timeoutMs: number
  /** One byte more and the program is killed. */
  readonly maxStdoutBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface RunResult {
  readonly exitCode: number | null
  readonly stdout: Buffer
  /** What it said, cut after 128 KiB. */
  readonly stderr: string
}

/** A report with hundreds of streams fits; a decoder that complains of every macroblock does not. */
const MAX_STDERR_BYTES = 128 * 1024

/** Measured with ffmpeg 5.1 and two threads: 8K with ten bits (HEVC, 5 frames to refer to) 1.1 GB, H.264 with 16 1.0 GB. */
const MAX_MEMORY_KIB = 3 * 1024 ** 2
const SHELL = '/bin/sh'
/** Elsewhere the system does not hold a program to this limit. */
const canLimitMemory = process.platform === 'linux' && existsSync(SHELL)
/** The shell becomes the program. A limit that is tighter already stays. */
const LIMITED = `ulimit -d ${MAX_MEMORY_KIB} 2> /dev/null; exec "$0" "$@"`
/** What a shell ends with that cannot become the program. */
const SHELL_FAILURES: Readonly<Record<number, string>> = { 126: 'EACCES', 127: 'ENOENT' }

/**
 * Runs a program to its end, on Linux with at most 3 GiB of memory. It is killed with SIGKILL, for a decoder that hangs
 * does not listen to anything less, and this settles only when it is gone.
 * @throws the system's error when the program cannot be started; the signal's reason; AppError MEDIA_TIMEOUT; AppError MEDIA_UNREADABLE when it writes too much
 */
export async function runProcess(path: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  options.signal?.throwIfAborted()
  const [command, ...before] = canLimitMemory ? [SHELL, '-c', LIMITED, path] : [path]
  const child: ChildProcess = spawn(command, [...before, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  // Listened to before anything else can throw: an 'error' that nobody hears ends this process.
  const ending = ended(child)
  let failure: unknown
  const kill = (reason: unknown) => {
    failure ??= reason
    child.kill('SIGKILL')
  }
  const onAbort = () => kill(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => kill(new AppError('MEDIA_TIMEOUT')), options.timeoutMs)
  const stdout = collect(child.stdout, options.maxStdoutBytes, () =>
    kill(new AppError('MEDIA_UNREADABLE', { cause: new Error(`More than ${options.maxStdoutBytes} bytes of output`) })),
  )
  const stderr = collect(child.stderr, MAX_STDERR_BYTES)
  try {
    const exitCode = await ending
    if (failure !== undefined) throw failure
    if (canLimitMemory) assertStarted(path, exitCode)
    return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') }
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/** Says what Node says of a program that it cannot start itself. */
function assertStarted(path: string, exitCode: number | null): void {
  const code = exitCode === null ? undefined : SHELL_FAILURES[exitCode]
  if (code !== undefined) throw Object.assign(new Error(`spawn ${path} ${code}`), { code, syscall: `spawn ${path}` })
}

/**
 * Keeps the first `maxBytes` and reads on, so that the program never waits for a full pipe. There is no stream when
 * file descriptors ran out before the program started; `ended` then tells.
 */
function collect(stream: Readable | null | undefined, maxBytes: number, onOverflow?: () => void): Buffer[] {
  const chunks: Buffer[] = []
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, maxBytes - bytes)
    if (kept.length > 0) chunks.push(kept)
    bytes += kept.length
    if (kept.length < chunk.length) onOverflow?.()
  })
  return chunks
}

/** 'close' comes last, after the pipes have ended, also when the program could not be started. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}
