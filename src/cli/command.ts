import type { ParseArgsConfig } from 'node:util'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { PackStore } from '../models/store/pack-store.ts'

/** Standard output or standard error. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Of the terminal, if it is one. */
  readonly columns?: number
}

/** What every command is given. */
export interface CommandContext {
  readonly config: Config
  readonly store: PackStore
  /** What follows the name of the command, without options. */
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The result, for people and for pipes. */
  print(text: string): void
  /** For progress. */
  readonly stderr: Output
}

export interface Command {
  /** The arguments, as the help shows them: `NAME [--captions keep|redo]`. */
  readonly usage: string
  readonly summary: string
  readonly options?: NonNullable<ParseArgsConfig['options']>
  /** How many arguments it takes. */
  readonly args: { readonly atLeast: number; readonly atMost: number }
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>
}

export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

/** For what was typed wrong; the help is shown below it. */
export function usageError(detail: string): AppError {
  return new AppError('VALIDATION_FAILED', { detail })
}
