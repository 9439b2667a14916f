import { parseArgs } from 'node:util'
import type { Config } from '../config.ts'
import { AppError, toError } from '../errors.ts'
import { createHub } from '../models/hub/hub.ts'
import { createPackStore } from '../models/store/pack-store.ts'
import { type Command, EXIT_DONE, EXIT_FAILED, EXIT_USAGE, type Output, usageError } from './command.ts'
import { measureCommands } from './measure-commands.ts'
import { packCommands } from './pack-commands.ts'
import { formatTable } from './sizes.ts'

const COMMANDS: Readonly<Record<string, Command>> = { ...packCommands, ...measureCommands }

/** As a shell reports a program that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130

/** What the command line has around it. */
export interface Surroundings {
  loadConfig(): Config
  readonly stdout: Output
  readonly stderr: Output
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** Runs one command. What goes wrong is said in a sentence on stderr. Returns the exit code. */
export async function runModels(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await dispatch(args, around)
  } catch (thrown) {
    return reportFailure(toError(thrown), around)
  }
}

async function dispatch([name = '--help', ...rest]: readonly string[], around: Surroundings): Promise<number> {
  if (['--help', '-h', 'help'].includes(name)) {
    around.stdout.write(describeCommands())
    return EXIT_DONE
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw usageError(`There is no command ${JSON.stringify(name)}.`)
  const { values, positionals } = readArguments(command, rest)
  if (values.help === true) {
    around.stdout.write(`${usageOf(name, command)}\n\n${command.summary}\n`)
    return EXIT_DONE
  }
  if (positionals.length < command.args.atLeast || positionals.length > command.args.atMost) {
    throw usageError(`Expected: ${usageOf(name, command)}`)
  }
  return run(command, positionals, values, around)
}

async function run(
  command: Command,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  { loadConfig, stdout, stderr, signal }: Surroundings,
): Promise<number> {
  const config = loadConfig()
  const hub = createHub(config.hub)
  const store = createPackStore({ ...config, hub })
  try {
    return await command.run({ config, store, args, options, signal, print: (text) => stdout.write(text), stderr })
  } finally {
    await hub.close()
  }
}

function readArguments(command: Command, args: string[]): { values: Record<string, unknown>; positionals: string[] } {
  const help = { type: 'boolean', short: 'h' } as const
  try {
    return parseArgs({ args, options: { ...command.options, help }, allowPositionals: true })
  } catch (thrown) {
    throw usageError(toError(thrown).message)
  }
}

function reportFailure(error: Error, { stderr, signal }: Surroundings): number {
  if (signal.aborted) {
    stderr.write('Stopped. What has arrived is kept: the same command goes on with it.\n')
    return EXIT_INTERRUPTED
  }
  if (error instanceof AppError && error.code === 'VALIDATION_FAILED') {
    stderr.write(`${error.message}\n\n${describeCommands()}`)
    return EXIT_USAGE
  }
  // What a person can mend is said in a sentence; everything else with its stack.
  stderr.write(`${error instanceof AppError ? error.message : error.stack}\n`)
  return EXIT_FAILED
}

function usageOf(name: string, { usage }: Command): string {
  return `npm run models -- ${name} ${usage}`.trimEnd()
}

function describeCommands(): string {
  const rows = Object.entries(COMMANDS).map(([name, { usage, summary }]) => [`  ${name} ${usage}`.trimEnd(), summary])
  return `Usage: npm run models -- COMMAND [--help]\n\n${formatTable(rows)}`
}
