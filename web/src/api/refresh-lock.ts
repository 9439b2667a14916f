const NAME = 'darkroom-refresh'

/** A message of the tab that had the lock before arrives within this time. */
const NEWS_MS = 60

/** A tab that was closed in the middle of a refresh holds the others up for so long. */
const LEASE_MS = 10_000

/** Two tabs that wrote their lease at the same time have both seen the later one after this. */
const SETTLE_MS = 40

/**
 * Runs `work` while no other tab of this browser runs it. Browsers have Web Locks on https and on localhost only; on
 * plain http in a LAN a lease in the local storage stands in.
 */
export function withRefreshLock<T>(work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? withWebLock(work) : withLease(work)
}

async function withWebLock<T>(work: () => Promise<T>): Promise<T> {
  const atOnce = await navigator.locks.request(NAME, { ifAvailable: true }, async (lock) =>
    lock === null ? undefined : { result: await work() },
  )
  if (atOnce !== undefined) return atOnce.result
  return navigator.locks.request(NAME, async () => {
    await delay(NEWS_MS)
    return work()
  })
}

async function withLease<T>(work: () => Promise<T>): Promise<T> {
  const mine = `${Date.now()} ${Math.random()}`
  if (!(await takeLease(mine))) await delay(NEWS_MS)
  try {
    return await work()
  } finally {
    if (readLease() === mine) writeLease('')
  }
}

/** @returns whether it was free at once */
async function takeLease(mine: string): Promise<boolean> {
  for (let tries = 0; ; tries += 1) {
    const holder = readLease()
    const since = Number(holder.split(' ')[0])
    if (holder === '' || Math.abs(Date.now() - since) > LEASE_MS) {
      writeLease(mine)
      await delay(SETTLE_MS)
      if (readLease() === mine || readLease() === '') return tries === 0
    }
    await delay(SETTLE_MS)
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A browser may forbid the storage; then there is nothing to agree by, and nothing to wait for. */
function readLease(): string {
  try {
    return localStorage.getItem(NAME) ?? ''
  } catch {
    return ''
  }
}

function writeLease(value: string): void {
  try {
    localStorage.setItem(NAME, value)
  } catch {
    // As above.
  }
}
