import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import type { HubConfig } from '../../config.ts'
import { AppError, systemCode, toError } from '../../errors.ts'
import { addressOf, followRedirect, type HubFile, mayCarryToken } from './address.ts'
import { transientError } from './transient.ts'

/** The hub needs one or two, a mirror perhaps one more. */
const MAX_REDIRECTS = 8
const REDIRECTS = [301, 302, 303, 307, 308]

export interface HubAnswer {
  readonly status: number
  /** Where it came from in the end. */
  readonly url: URL
  /** The first value of a header, by its lower-case name. */
  header(name: string): string | undefined
  readonly body: Dispatcher.ResponseData['body']
}

export interface Question {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Record<string, string>
  /** Whether this redirect is an answer that needs no following. */
  endsAt?(answer: HubAnswer): boolean
  readonly signal?: AbortSignal | undefined
}

/** Asks the hub about one file and follows its redirects, through the configured proxy. */
export type Ask = (file: HubFile, question: Question) => Promise<HubAnswer>

/**
 * @param stallMs how long a server may send nothing
 * @throws AppError CONFIG_INVALID for a proxy whose address cannot be read
 */
export function createAsk(config: HubConfig, stallMs: number) {
  const endpoint = new URL(config.endpoint)
  const dispatcher = openDispatcher(config)

  async function send(url: URL, { method, headers = {}, signal }: Question): Promise<HubAnswer> {
    const authorization = config.token !== '' && mayCarryToken(url, endpoint) ? `Bearer ${config.token}` : undefined
    try {
      const {
        statusCode,
        headers: received,
        body,
      } = await request(url, {
        method,
        // The hash is that of the file, not of a compressed one.
        headers: {
          'accept-encoding': 'identity',
          'user-agent': 'darkroom',
          ...headers,
          ...(authorization && { authorization }),
        },
        dispatcher,
        headersTimeout: stallMs,
        bodyTimeout: stallMs,
        signal: signal ?? null,
      })
      const header = (name: string) => [received[name]].flat()[0]
      return { status: statusCode, url, header, body }
    } catch (thrown) {
      signal?.throwIfAborted()
      throw networkError(url, thrown, stallMs)
    }
  }

  const ask: Ask = async (file, question) => {
    let url = addressOf(endpoint, file)
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await send(url, question)
      if (!REDIRECTS.includes(answer.status) || question.endsAt?.(answer)) return answer
      await answer.body.dump()
      url = followRedirect(url, answer.header('location'))
    }
    throw new AppError('MODEL_DOWNLOAD_FAILED', { detail: `${endpoint.host} redirects in a circle.` })
  }

  return { ask, endpoint, close: () => dispatcher.destroy() }
}

/** The values are given explicitly, empty ones too: otherwise undici would read the environment itself. */
function openDispatcher({ httpProxy, httpsProxy, noProxy }: HubConfig): Dispatcher {
  try {
    return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy })
  } catch (cause) {
    const detail = 'Expected an address such as http://proxy.example:3128 for HTTP_PROXY and HTTPS_PROXY.'
    throw new AppError('CONFIG_INVALID', { detail, cause })
  }
}

/** What went wrong between here and there. A certificate does not mend itself; everything else may. */
export function networkError({ host }: URL, thrown: unknown, stallMs: number): AppError {
  const error = toError(thrown)
  const code = systemCode(error) ?? ''
  if (/CERT|TLS|SSL|SELF_SIGNED/.test(code)) {
    const detail = `The certificate of ${host} is not one that this machine trusts (${code}).`
    return new AppError('MODEL_DOWNLOAD_FAILED', { detail, cause: error })
  }
  if (/HEADERS_TIMEOUT|BODY_TIMEOUT/.test(code)) {
    return transientError(`${host} sent nothing for ${stallMs / 1000} seconds.`, { cause: error })
  }
  const reason = code === 'ENOTFOUND' ? 'there is no such host, or no network' : error.message || code
  return transientError(`The connection to ${host} failed: ${reason}.`, { cause: error })
}
