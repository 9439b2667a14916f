import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError, systemCode } from './errors.ts'

const KIB = 1024
const GIB = KIB ** 3

const cores = availableParallelism()

/** Every setting, its meaning and its default. `docs/configuration.md` is written from the descriptions. */
export const EnvironmentSchema = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on. 0.0.0.0 opens it to the network.' }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on; 0 takes a free one.',
  }),
  DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'Folder of everything this server keeps.' }),
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      description: 'PostgreSQL 15+ with pgvector. Unset: the embedded database.',
    }),
  ),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Least severe level that is logged.',
  }),
  TRUST_PROXY: Type.Boolean({
    default: false,
    description: 'Believe X-Forwarded-* headers. Only behind a proxy of yours.',
  }),
  REGISTRATION: Type.Enum(['closed', 'open'], {
    default: 'closed',
    description: 'Whether anybody may register after the first account, which becomes the administrator.',
  }),
  TOKEN_SECRET: Type.Optional(
    Type.String({ minLength: 32, description: 'Signs access tokens. Unset: made once and kept in the data folder.' }),
  ),
  ACCESS_TOKEN_MINUTES: Type.Integer({
    default: 15,
    minimum: 1,
    maximum: 1440,
    description: 'Life of an access token.',
  }),
  REFRESH_TOKEN_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 365,
    description: 'Life of an unused refresh token.',
  }),
  UPLOAD_MAX_BYTES: Type.Integer({
    default: 10 * GIB,
    minimum: KIB,
    description: 'Largest file that is taken, in bytes.',
  }),
  BATCH_MAX_FILES: Type.Integer({ default: 100_000, minimum: 1, description: 'Most files in one batch.' }),
  IMAGE_MAX_PIXELS: Type.Integer({
    default: 100_000_000,
    minimum: 1_000_000,
    description: 'Largest picture that is decoded, in pixels.',
  }),
  VIDEO_MAX_FRAMES: Type.Integer({ default: 10, minimum: 1, maximum: 60, description: 'Frames sampled from a video.' }),
  FFMPEG_PATH: Type.Optional(Type.String({ minLength: 1, description: 'ffmpeg to use. Unset: the best one found.' })),
  INTERACTIVE_CONCURRENCY: Type.Integer({
    default: 2,
    minimum: 1,
    maximum: 32,
    description: 'Single uploads developed at the same time (a batch is always one at a time).',
  }),
  MODEL_WORKERS: Type.Integer({
    default: Math.min(4, cores),
    minimum: 1,
    maximum: 32,
    description: 'Threads that run models; each costs about 170 MB, and up to 450 MB while it reads text.',
  }),
  MODEL_PACK: Type.String({ default: 'basic', minLength: 1, description: 'The model pack that captions and embeds.' }),
  SHUTDOWN_SECONDS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 600,
    description: 'How long a stop may take before what still runs is left for the next start.',
  }),
})

export type Environment = Static<typeof EnvironmentSchema>

/** The configuration the program runs with: parsed once, passed down, never read again from the environment. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly logLevel: Environment['LOG_LEVEL']
  readonly trustProxy: boolean
  readonly registration: Environment['REGISTRATION']
  readonly tokenSecret: string
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  readonly uploadMaxBytes: number
  readonly batchMaxFiles: number
  readonly imageMaxPixels: number
  readonly videoMaxFrames: number
  readonly ffmpegPath: string | undefined
  readonly interactiveConcurrency: number
  readonly modelWorkers: number
  readonly modelPack: string
  readonly shutdownMs: number
}

/**
 * Reads the environment (and `.env` in the working directory, which it never overrides).
 * @throws AppError CONFIG_INVALID with one "Expected X for Y" sentence per wrong setting, all at once.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const settings = readEnvironment(env)
  const dataDir = resolve(settings.DATA_DIR)
  return {
    host: settings.HOST,
    port: settings.PORT,
    dataDir,
    databaseUrl: settings.DATABASE_URL,
    logLevel: settings.LOG_LEVEL,
    trustProxy: settings.TRUST_PROXY,
    registration: settings.REGISTRATION,
    tokenSecret: settings.TOKEN_SECRET ?? loadOrCreateSecret(dataDir),
    accessTokenSeconds: settings.ACCESS_TOKEN_MINUTES * 60,
    refreshTokenSeconds: settings.REFRESH_TOKEN_DAYS * 86_400,
    uploadMaxBytes: settings.UPLOAD_MAX_BYTES,
    batchMaxFiles: settings.BATCH_MAX_FILES,
    imageMaxPixels: settings.IMAGE_MAX_PIXELS,
    videoMaxFrames: settings.VIDEO_MAX_FRAMES,
    ffmpegPath: settings.FFMPEG_PATH,
    interactiveConcurrency: settings.INTERACTIVE_CONCURRENCY,
    modelWorkers: settings.MODEL_WORKERS,
    modelPack: settings.MODEL_PACK,
    shutdownMs: settings.SHUTDOWN_SECONDS * 1000,
  }
}

function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const file = env === process.env ? readEnvFile() : {}
  // An empty value means "not set": compose files and .env templates are full of them.
  const given = Object.fromEntries(Object.entries({ ...file, ...env }).filter(([, value]) => value !== ''))
  const read = Object.entries(given).map(([name, text]) => [name, readSetting(name, text ?? '')])
  const settings = Value.Default(EnvironmentSchema, Object.fromEntries(read))
  if (!Value.Check(EnvironmentSchema, settings)) {
    throw new AppError('CONFIG_INVALID', { detail: describeProblems(settings, given) })
  }
  return settings
}

/** Text as what its schema wants. What cannot be read as that stays text, and is refused with its sentence. */
function readSetting(name: string, text: string): string | number | boolean {
  const { type } = (EnvironmentSchema.properties as Record<string, { type?: string }>)[name] ?? {}
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

function readEnvFile(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return {}
    throw thrown
  }
}

/** "Expected an integer for PORT but received "x"." for every problem, one a line. */
function describeProblems(settings: unknown, given: NodeJS.Dict<string>): string {
  const lines = Value.Errors(EnvironmentSchema, settings).map(({ instancePath, keyword, params }) => {
    const name = instancePath.slice(1)
    const shown = /SECRET|URL/.test(name) ? 'a value that is not shown' : JSON.stringify(given[name])
    return `Expected ${expectation(keyword, params)} for ${name} but received ${shown}.`
  })
  return [...new Set(lines)].join('\n')
}

function expectation(keyword: string, params: object): string {
  const { type, limit, allowedValues, pattern } = params as Record<string, unknown>
  switch (keyword) {
    case 'type':
      return `${/^[aeiou]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`
    case 'minimum':
      return `at least ${String(limit)}`
    case 'maximum':
      return `at most ${String(limit)}`
    case 'enum':
      return `one of ${(allowedValues as string[]).join(', ')}`
    case 'minLength':
      return `at least ${String(limit)} characters`
    case 'pattern':
      return `a value that matches ${String(pattern)}`
    default:
      return `a valid value (${keyword})`
  }
}

const SECRET_BYTES = 48

/** A secret nobody configured is made once. An empty file is what a kill or a full disk may leave: it counts as none. */
function loadOrCreateSecret(dataDir: string): string {
  const path = join(dataDir, 'token-secret')
  if (readSecret(path) === '') {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    createSecret(path)
  }
  return readSecret(path)
}

/** Empty when there is none. */
function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return ''
    throw thrown
  }
}

/** The file gets its name when it is complete and on the disk. 0600, so that no other user of the machine reads it. */
function createSecret(path: string): void {
  const temporary = `${path}.${randomUUID()}`
  try {
    writeFileSync(temporary, randomBytes(SECRET_BYTES).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true })
    linkOrReplace(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Of two processes that start together, exactly one succeeds with the link; the other takes what that one made. */
function linkOrReplace(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST' && readSecret(path) !== '') return
    // An empty file is in the way, or the file system has no links (exFAT, some network shares).
    renameSync(temporary, path)
  }
}
