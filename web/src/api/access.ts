import { signal } from '@preact/signals'
import type { User } from '../../../src/schemas/accounts.ts'
import { toApiError, unreachable } from './problem.ts'
import { withRefreshLock } from './refresh-lock.ts'
import { markSession, mayHaveSession } from './session-mark.ts'

/** What the server gives for a password or a refresh cookie. The refresh token itself never reaches this page. */
export interface Grant {
  readonly user: User
  readonly access_token: string
  readonly expires_in: number
}

interface Held {
  readonly user: User
  readonly token: string
  readonly goodUntil: number
  /** When the server is asked for the next one: while this one, and the cookie for pictures, are still good. */
  readonly renewAt: number
}

type Told = { readonly held: Held } | { readonly ended: true }

/** A fifth of its life is left when a token is renewed: pictures must never meet a cookie that has run out. */
const RENEW_AFTER_SHARE = 0.8

/** The answer to a rival is there after this. */
const RIVAL_MS = 300

/** A token that dies on its way to the server is of no use. */
const TRAVEL_MS = 10_000

const held = signal<Held | undefined>(undefined)
const others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('darkroom-session') : undefined
let renewal: ReturnType<typeof setTimeout> | undefined
let refreshing: Promise<Held | undefined> | undefined

/** Who is signed in, as far as this page knows. */
export const holder = held

/** Keeps a grant, tells the other tabs, and renews it in time. */
export function keepGrant({ user, access_token, expires_in }: Grant): void {
  const now = Date.now()
  const lifeMs = expires_in * 1000
  const fresh = { user, token: access_token, goodUntil: now + lifeMs, renewAt: now + lifeMs * RENEW_AFTER_SHARE }
  hold(fresh)
  markSession(true)
  others?.postMessage({ held: fresh } satisfies Told)
}

/** Forgets who was signed in, here and in the other tabs. */
export function dropGrant(): void {
  hold(undefined)
  markSession(false)
  others?.postMessage({ ended: true } satisfies Told)
}

/**
 * A token that is good now. Undefined: nobody is signed in.
 * @throws ApiError UNREACHABLE: then one may be signed in all the same
 */
export async function freshToken(): Promise<string | undefined> {
  const now = held.value
  if (now !== undefined && now.goodUntil - TRAVEL_MS > Date.now()) return now.token
  if (now === undefined && !mayHaveSession()) return undefined
  return (await refresh(now?.token))?.token
}

/** After the server has refused `refused`: the next token. Undefined when the session is over. */
export async function replaceToken(refused: string | undefined): Promise<string | undefined> {
  return (await refresh(refused))?.token
}

/** One refresh at a time, in this tab and among all tabs: a refresh token that is used twice ends the session. */
function refresh(old: string | undefined): Promise<Held | undefined> {
  refreshing ??= withRefreshLock(async () => {
    // Another tab may have been quicker while this one waited for its turn.
    if (held.value !== undefined && held.value.token !== old) return held.value
    return askForGrant()
  }).finally(() => {
    refreshing = undefined
  })
  return refreshing
}

/** @param again after a refusal: a page before this one, reloaded in the middle, may have asked at the same moment */
async function askForGrant(again = true): Promise<Held | undefined> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch('/v1/auth/refresh', { method: 'POST', headers, body: '{}' }).catch(() => {
    throw unreachable()
  })
  if (response.ok) {
    keepGrant(await response.json())
    return held.value
  }
  const error = toApiError(response.status, await response.text(), response.headers.get('retry-after'))
  // 400 is the cookie that is not there; 401 one that is worth nothing any more; 403 a page that may not ask.
  if (![400, 401, 403].includes(error.status)) throw error
  if (error.status === 401 && again) {
    await new Promise((resolve) => setTimeout(resolve, RIVAL_MS))
    return askForGrant(false)
  }
  dropGrant()
  return undefined
}

function hold(next: Held | undefined): void {
  held.value = next
  clearTimeout(renewal)
  if (next !== undefined) renewal = setTimeout(renewQuietly, Math.max(0, next.renewAt - Date.now()))
}

/** Whoever needs a token while the server is away asks again; the timer need not. */
function renewQuietly(): void {
  refresh(held.value?.token).catch(() => {
    renewal = setTimeout(renewQuietly, TRAVEL_MS)
  })
}

others?.addEventListener('message', ({ data }: MessageEvent<Told>) => hold('held' in data ? data.held : undefined))

// Timers stand still while a laptop sleeps: what ran out meanwhile is renewed before anybody sees broken pictures.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && held.value !== undefined && held.value.renewAt < Date.now()) {
    renewQuietly()
  }
})
