/**
 * The one catalogue of everything that can go wrong: a stable code, its HTTP status, and a sentence a person can act on.
 * Routes answer with it (RFC 9457), stages record it, docs and tests derive from it.
 */
export const ERRORS = {
  // The request
  VALIDATION_FAILED: { status: 400, sentence: 'The request is not valid.' },
  BODY_MALFORMED: { status: 400, sentence: 'The body could not be parsed.' },
  BODY_TOO_LARGE: { status: 413, sentence: 'The body is larger than this route takes.' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, sentence: 'This route does not take that content type.' },
  ROUTE_NOT_FOUND: { status: 404, sentence: 'There is nothing at this address.' },
  RATE_LIMITED: { status: 429, sentence: 'Too many requests. Try again later.' },
  UPGRADE_REQUIRED: { status: 426, sentence: 'This address speaks WebSocket only.' },
  RANGE_NOT_SATISFIABLE: { status: 416, sentence: 'The requested range lies outside the file.' },
  CURSOR_INVALID: { status: 400, sentence: 'The cursor is not one that this list gave out.' },

  // Accounts
  AUTH_REQUIRED: { status: 401, sentence: 'This needs an access token or an API key.' },
  TOKEN_INVALID: { status: 401, sentence: 'The token is not valid or has expired.' },
  CREDENTIALS_WRONG: { status: 401, sentence: 'The username or the password is wrong.' },
  SCOPE_MISSING: { status: 403, sentence: 'This API key may not do that.' },
  PAGE_FOREIGN: { status: 403, sentence: 'Only a page of this server may do that.' },
  REGISTRATION_CLOSED: { status: 403, sentence: 'Registration is closed on this server.' },
  USERNAME_TAKEN: { status: 409, sentence: 'This username is taken.' },
  PASSWORD_TOO_COMMON: { status: 400, sentence: 'This password is among the most common ones. Choose another.' },
  ADMINISTRATOR_REQUIRED: { status: 403, sentence: 'Only an administrator may do that.' },
  USER_NOT_FOUND: { status: 404, sentence: 'There is no such user.' },
  SESSION_NOT_FOUND: { status: 404, sentence: 'There is no such session.' },
  API_KEY_NOT_FOUND: { status: 404, sentence: 'There is no such API key.' },

  // Handing files over
  UPLOAD_NO_FILE: { status: 400, sentence: 'The request holds no file. Send one as multipart/form-data.' },
  UPLOAD_SEVERAL_FILES: { status: 400, sentence: 'This route takes one file. Send several to POST /v1/batches.' },
  UPLOAD_MULTIPART_BROKEN: { status: 400, sentence: 'The multipart body ended early or is malformed.' },
  UPLOAD_ABORTED: { status: 400, sentence: 'The connection closed before the file was complete.' },
  UPLOAD_EMPTY: { status: 400, sentence: 'The file is empty.' },
  UPLOAD_TOO_LARGE: { status: 413, sentence: 'The file is larger than this server takes.' },
  UPLOAD_TYPE_UNSUPPORTED: { status: 415, sentence: 'The file is not of a type this server takes.' },
  UPLOAD_TRUNCATED: { status: 422, sentence: 'The file ends before its content does. It was probably cut off.' },
  BATCH_TOO_MANY_FILES: { status: 413, sentence: 'The batch holds more files than this server takes at once.' },
  // 507 as RFC 4331 section 6 has it: the request is sound, the room for its result is not there.
  QUOTA_EXCEEDED: { status: 507, sentence: 'The account has no room left for this file.' },
  QUEUE_FULL: { status: 429, sentence: 'Too many of your uploads are waiting to be developed. Try again later.' },
  STORAGE_BUSY: { status: 503, sentence: 'Too many uploads wait for the disk of the server. Try again in a moment.' },
  STORAGE_FULL: { status: 507, sentence: 'The disk of the server is full.' },

  // Things that are not there, or not in the right state
  UPLOAD_NOT_FOUND: { status: 404, sentence: 'There is no such upload.' },
  UPLOAD_BUSY: { status: 409, sentence: 'The upload is being developed right now.' },
  ALBUM_NOT_FOUND: { status: 404, sentence: 'There is no such album.' },
  ALBUM_HAS_RULE: { status: 409, sentence: 'What is in this album is decided by its rule.' },
  ARCHIVE_NOT_FOUND: { status: 404, sentence: 'There is no such archive, or its time is up. Make it again.' },
  RENDITION_NOT_READY: { status: 404, sentence: 'This picture has not been made.' },
  BATCH_NOT_FOUND: { status: 404, sentence: 'There is no such batch.' },
  BATCH_ARRIVING: { status: 409, sentence: 'The batch is still arriving.' },
  BATCH_FINISHED: { status: 409, sentence: 'The batch is finished already.' },
  BATCH_NOTHING_TO_RETRY: { status: 409, sentence: 'Nothing in this batch failed.' },
  BATCH_STILL_RUNNING: { status: 409, sentence: 'The batch is still running.' },
  SIMILAR_NOT_READY: { status: 409, sentence: 'The upload has no embedding yet.' },
  QUERY_INVALID: { status: 400, sentence: 'The query could not be understood.' },
  SAVED_SEARCH_NOT_FOUND: { status: 404, sentence: 'There is no such saved search.' },

  // Developing (recorded on the upload; `status` is what a route would answer)
  MEDIA_UNREADABLE: { status: 422, sentence: 'The file could not be read as a picture or a video.' },
  MEDIA_TOO_MANY_PIXELS: { status: 422, sentence: 'The picture has more pixels than this server takes.' },
  MEDIA_TIMEOUT: { status: 422, sentence: 'Reading the file took too long.' },
  VIDEO_NO_PICTURE: { status: 422, sentence: 'The file holds no video that can be decoded.' },
  VIDEO_TOOL_MISSING: { status: 415, sentence: 'The server has no ffmpeg, so it cannot develop videos.' },
  MODEL_FAILED: { status: 500, sentence: 'A model failed on this file.' },
  FILE_MISSING: { status: 500, sentence: 'The original file is missing from the storage.' },
  PROCESSING_CRASHED: { status: 500, sentence: 'The server stopped twice while it was developing this file.' },
  PROCESSING_CANCELLED: { status: 409, sentence: 'The batch was cancelled before this file was developed.' },

  // Model packs (said by the command line and at the start)
  MODEL_PACK_NOT_FOUND: { status: 404, sentence: 'There is no model pack of this name.' },
  MODEL_PACK_INVALID: { status: 422, sentence: 'The manifest of the model pack is not valid.' },
  MODEL_PACK_NOT_INSTALLED: { status: 409, sentence: 'The model pack is not installed.' },
  MODEL_PACK_ACTIVE: { status: 409, sentence: 'The model pack is in use.' },
  MODEL_PACK_BUSY: { status: 409, sentence: 'Another command is working on this model pack.' },
  MODEL_ACCESS_DENIED: { status: 403, sentence: 'The hub does not give out this repository.' },
  MODEL_DOWNLOAD_FAILED: { status: 502, sentence: 'A file of the model pack could not be downloaded.' },
  MODEL_FILE_MISSING: { status: 422, sentence: 'A file of the model pack is missing.' },
  MODEL_FILE_CORRUPT: { status: 502, sentence: 'A file of the model pack is not what it should be.' },

  // The server itself
  NOT_READY: { status: 503, sentence: 'The server is starting or stopping. Try again in a moment.' },
  DATABASE_UNAVAILABLE: { status: 503, sentence: 'The database cannot be reached. Try again in a moment.' },
  CONFIG_INVALID: { status: 500, sentence: 'The configuration is not valid.' },
  DATA_DIR_LOCKED: { status: 500, sentence: 'Another Darkroom is already using this data folder.' },
  SCHEMA_TOO_NEW: { status: 500, sentence: 'The database was written by a newer Darkroom. Update this program.' },
  PGVECTOR_MISSING: { status: 500, sentence: 'PostgreSQL has no pgvector extension.' },
  INTERNAL: { status: 500, sentence: 'Something went wrong on the server.' },
} as const satisfies Record<string, { status: number; sentence: string }>

export type ErrorCode = keyof typeof ERRORS

export interface AppErrorOptions {
  /** A sentence that replaces the catalogue's, when something more exact can be said. Shown to the client. */
  detail?: string | undefined
  /** What happened underneath. Logged, never shown. */
  cause?: unknown
  /** Extra members of the problem document, for example `{ accepted_types: [...] }`. */
  extra?: Readonly<Record<string, unknown>> | undefined
}

/** The only error type this program throws on purpose. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly status: number
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, { detail, cause, extra = {} }: AppErrorOptions = {}) {
    super(detail ?? ERRORS[code].sentence, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = ERRORS[code].status
    this.extra = extra
  }
}

/** Turns whatever was thrown into a real Error, once, at the place that caught it. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(typeof thrown === 'string' ? thrown : `A non-error was thrown: ${JSON.stringify(thrown)}`)
}

/** The operating system's error code (`ENOENT`, `ENOSPC`, ...), if the thrown value carries one. */
export function systemCode(thrown: unknown): string | undefined {
  if (thrown === null || typeof thrown !== 'object' || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** How the driver and PostgreSQL (classes 08 and 57P0, 53300, 25P03) say that there is no connection to be had. */
const NO_CONNECTION = /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|08\w{3}|57P0[1-3]|53300|25P03)$/
/** How the system says so: refused, cut off, not to be reached, without an answer, not known by that name. */
const NO_PEER = /^(ECONN\w+|EPIPE|ENOENT|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN)$/

/** Whether what the database was asked failed because it is away, and may work when it is asked again. */
export function isConnectionLost(thrown: unknown): boolean {
  const code = systemCode(thrown) ?? ''
  return NO_CONNECTION.test(code) || NO_PEER.test(code)
}

/** PostgreSQL's code for "the disk is full". */
const DISK_FULL = '53100'

/** Whether what the database was asked failed because it has no room: it may work when there is some again. */
export function isDiskFull(thrown: unknown): boolean {
  return systemCode(thrown) === DISK_FULL
}
