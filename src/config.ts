import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { Value } from 'typebox/value'
import { type Environment, EnvironmentSchema } from './config/environment.ts'
import { loadOrCreateSecret } from './config/token-secret.ts'
import { AppError, systemCode } from './errors.ts'

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
  readonly trashDays: number
  /** For users to whom the administrator gave no other. */
  readonly quota: { readonly bytes: number | null; readonly files: number | null }
  readonly queueMaxUploads: number
  readonly storingMaxUploads: number
  readonly rateLimits: RateLimits
  readonly socketsPerAddress: number
  readonly corsOrigins: readonly string[]
  readonly auditDays: number
  readonly imageMaxPixels: number
  readonly videoMaxFrames: number
  readonly ffmpegPath: string | undefined
  readonly interactiveConcurrency: number
  readonly modelWorkers: number
  readonly modelPack: string
  readonly hub: HubConfig
  readonly shutdownMs: number
}

/** Requests a minute. */
export interface RateLimits {
  /** From one address, to each route that takes a password or a refresh token. */
  readonly auth: number
  /** By one user. */
  readonly uploads: number
  readonly imageSearches: number
}

/** How model packs are fetched. Empty: none. */
export interface HubConfig {
  /** Without a slash at the end. */
  readonly endpoint: string
  readonly token: string
  readonly httpProxy: string
  readonly httpsProxy: string
  readonly noProxy: string
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
    trashDays: settings.TRASH_DAYS,
    quota: { bytes: settings.QUOTA_BYTES ?? null, files: settings.QUOTA_FILES ?? null },
    queueMaxUploads: settings.QUEUE_MAX_UPLOADS,
    storingMaxUploads: settings.STORING_MAX_UPLOADS,
    rateLimits: {
      auth: settings.RATE_LIMIT_AUTH,
      uploads: settings.RATE_LIMIT_UPLOADS,
      imageSearches: settings.RATE_LIMIT_IMAGE_SEARCHES,
    },
    socketsPerAddress: settings.SOCKETS_PER_ADDRESS,
    corsOrigins: settings.CORS_ORIGINS?.split(',').map((origin) => origin.trim().toLowerCase()) ?? [],
    auditDays: settings.AUDIT_DAYS,
    imageMaxPixels: settings.IMAGE_MAX_PIXELS,
    videoMaxFrames: settings.VIDEO_MAX_FRAMES,
    ffmpegPath: settings.FFMPEG_PATH,
    interactiveConcurrency: settings.INTERACTIVE_CONCURRENCY,
    modelWorkers: settings.MODEL_WORKERS,
    modelPack: settings.MODEL_PACK,
    hub: {
      endpoint: settings.HF_ENDPOINT.replace(/\/+$/, ''),
      token: settings.HF_TOKEN ?? '',
      httpProxy: settings.HTTP_PROXY ?? '',
      httpsProxy: settings.HTTPS_PROXY ?? '',
      noProxy: settings.NO_PROXY ?? '',
    },
    shutdownMs: settings.SHUTDOWN_SECONDS * 1000,
  }
}

const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const

function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const file = env === process.env ? readEnvFile() : {}
  // An empty value means "not set": compose files and .env templates are full of them.
  const given = Object.fromEntries(Object.entries({ ...file, ...env }).filter(([, value]) => value !== ''))
  // Tools agree on the small names for proxies; the capital ones are second everywhere.
  for (const name of PROXY_NAMES) given[name] = given[name.toLowerCase()] ?? given[name]
  const read = Object.entries(given).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, readSetting(name, text)]],
  )
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

/** Secrets, and addresses that may hold a password. */
const SHOWS_NOTHING = /SECRET|URL|^HF_|^HTTPS?_PROXY$/

/** "Expected an integer for PORT but received "x"." for every problem, one a line. */
function describeProblems(settings: unknown, given: NodeJS.Dict<string>): string {
  const lines = Value.Errors(EnvironmentSchema, settings).map(({ instancePath, keyword, params }) => {
    const name = instancePath.slice(1)
    const shown = SHOWS_NOTHING.test(name) ? 'a value that is not shown' : JSON.stringify(given[name])
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
