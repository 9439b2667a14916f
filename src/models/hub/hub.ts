import type { HubConfig } from '../../config.ts'
import type { HubFile } from './address.ts'
import { createAsk, type HubAnswer } from './ask.ts'
import { type DownloadOptions, download, type ExpectedContent, type ReceivedFile, readSize } from './download.ts'
import { refusalOf } from './refusals.ts'
import { type Pause, pauseFor, type Retrying, withRetries } from './transient.ts'

/** Long enough for a slow disk at the other end, short enough that nobody thinks the program hangs. */
const STALL_MS = 30_000

/** Answers of servers that only know GET. */
const HEAD_UNKNOWN = [400, 405, 501]

export interface HubOptions {
  readonly stallMs?: number
  readonly pause?: Pause
}

type DescribeOptions = Pick<Retrying, 'onRetry' | 'signal'>

/** The Hugging Face hub or a mirror of it. */
export interface Hub {
  /** Its host, for sentences. */
  readonly host: string
  /** What the hub says about a file without sending it; what it does not say is undefined. */
  describe(file: HubFile, options?: DescribeOptions): Promise<ExpectedContent>
  /** Fetches a file to an absolute path; see `download`. */
  download(file: HubFile, target: string, options: DownloadOptions): Promise<ReceivedFile>
  /** Ends all connections. */
  close(): Promise<void>
}

/**
 * Opens nothing yet.
 * @throws AppError CONFIG_INVALID for a proxy whose address cannot be read
 */
export function createHub(config: HubConfig, { stallMs = STALL_MS, pause = pauseFor }: HubOptions = {}): Hub {
  const { ask, endpoint, close } = createAsk(config, stallMs)
  const refuse = (answer: HubAnswer, file: HubFile) => refusalOf(answer, file, endpoint, config.token !== '')

  /** The redirect to where the content is says all there is to know, and that place may not answer to HEAD. */
  const endsAt = (answer: HubAnswer) => isDescribed(answer) || leavesHub(answer)

  function leavesHub({ url, header }: HubAnswer): boolean {
    const location = header('location') ?? ''
    return URL.canParse(location, url.href) && new URL(location, url).origin !== endpoint.origin
  }

  async function describeOnce(file: HubFile, signal: AbortSignal | undefined): Promise<ExpectedContent> {
    const answer = await ask(file, { method: 'HEAD', endsAt, signal })
    await answer.body.dump()
    if (answer.status >= 400 && !HEAD_UNKNOWN.includes(answer.status)) throw refuse(answer, file)
    return readDescription(answer)
  }

  return {
    host: endpoint.host,
    describe: (file, options = {}) => withRetries(() => describeOnce(file, options.signal), { pause, ...options }),
    download: (file, target, options) => download({ ask, refuse, pause, stallMs }, file, target, options),
    close,
  }
}

function isDescribed({ header }: HubAnswer): boolean {
  return header('x-linked-etag') !== undefined
}

/** Large files are kept beside the repository (LFS): the hub gives their size and SHA-256 in headers of its own. */
function readDescription({ status, header }: HubAnswer): ExpectedContent {
  const [, sha256] = /^"?([0-9a-f]{64})"?$/.exec(header('x-linked-etag') ?? '') ?? []
  const length = status === 200 ? header('content-length') : undefined
  return { sizeBytes: readSize(header('x-linked-size') ?? length), sha256 }
}
