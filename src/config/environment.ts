import { availableParallelism } from 'node:os'
import { type Static, Type } from 'typebox'

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
  STORING_MAX_UPLOADS: Type.Integer({
    default: 10,
    minimum: 1,
    description:
      'Most uploads of all users whose bytes wait for the disk or the database; more are refused for a moment.',
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
