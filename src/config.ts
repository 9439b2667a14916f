import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { loadOrCreateSecret } from './config/token-secret.ts'
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
  TRASH_DAYS: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 3650,
    description: 'How long what was deleted can be brought back; 0 deletes at once.',
  }),
  QUOTA_BYTES: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Most bytes of originals that a user may keep. Unset: no limit.' }),
  ),
  QUOTA_FILES: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Most files that a user may keep. Unset: no limit.' }),
  ),
  QUEUE_MAX_UPLOADS: Type.Integer({
    default: 200_000,
    minimum: 1,
    description: 'Most uploads of one user that wait to be developed; more are refused until some are done.',
  }),
  RATE_LIMIT_AUTH: Type.Integer({
    default: 60,
    minimum: 1,
    description: 'Requests a minute from one address to each route that registers, signs in or takes a password.',
  }),
  RATE_LIMIT_UPLOADS: Type.Integer({
    default: 12_000,
    minimum: 1,
    description: 'Uploads and batches a minute by one user; a batch counts as one, whatever is in it.',
  }),
  RATE_LIMIT_IMAGE_SEARCHES: Type.Integer({
    default: 600,
    minimum: 1,
    description: 'Searches by a picture a minute by one user.',
  }),
  SOCKETS_PER_ADDRESS: Type.Integer({
    default: 1000,
    minimum: 1,
    description: 'WebSockets that one address may have open at the same time.',
  }),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      pattern: '^\\s*https?://[^\\s/,*]+(\\s*,\\s*https?://[^\\s/,*]+)*\\s*$',
      description:
        'Pages of these origins may use the API from a browser, such as `https://photos.example`, separated by commas. ' +
        'Unset: only pages of this server.',
    }),
  ),
  AUDIT_DAYS: Type.Integer({
    default: 365,
    minimum: 1,
    maximum: 3650,
    description: 'How long it is remembered what happened to accounts.',
  }),
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
  MODEL_PACK: Type.String({
    default: 'basic',
    minLength: 1,
    description: 'The model pack that captions and embeds, until one is chosen with `npm run models -- use NAME`.',
  }),
  HF_ENDPOINT: Type.String({
    default: 'https://huggingface.co',
    pattern: '^https?://[^/]',
    description: 'Where `npm run models` gets packs from: the Hugging Face hub, or a mirror of it.',
  }),
  HF_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]+$',
      description: 'Access token for the hub. Needed for private and gated repositories only, and sent nowhere else.',
    }),
  ),
  HTTP_PROXY: Type.Optional(
    Type.String({
      description: 'Proxy for `http://` addresses of the hub. `http_proxy` is read too, and comes first.',
    }),
  ),
  HTTPS_PROXY: Type.Optional(
    Type.String({
      description: 'Proxy for `https://` addresses of the hub; unset: that of HTTP_PROXY. Or `https_proxy`.',
    }),
  ),
  NO_PROXY: Type.Optional(
    Type.String({ description: 'Hosts that are reached without a proxy, separated by commas. Or `no_proxy`.' }),
  ),
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
  readonly trashDays: number
  /** For users to whom the administrator gave no other. */
  readonly quota: { readonly bytes: number | null; readonly files: number | null }
  readonly queueMaxUploads: number
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
