import type { Logger } from 'pino'
import { AppError } from '../errors.ts'
import type { Sql } from './driver.ts'

/** "darkroom" in ASCII, 64 bits. Advisory locks are told apart per database. */
const CLAIM_KEY = '7233188282340700013'
const RETRY_MS = 1000
/**
 * How the server of the database finds out that this machine is gone without a word, and lets go of the claim: within a
 * minute, and not after the two hours of the system. Set for the session, because not every pooler lets it be asked for
 * when connecting.
 */
const KEEPALIVE = { idleSeconds: '30', intervalSeconds: '10', count: '3' }
const CLOSE_TIMEOUT_SECONDS = 5

/**
 * Makes this process the only Darkroom on a database server, until several can share one: a session-level advisory
 * lock on a connection of its own. When that connection is lost the lock is taken again, as soon as that is possible.
 * @throws AppError DATA_DIR_LOCKED when another process holds it
 */
export async function claimServer(connect: (onclose: () => void) => Sql, log: Logger) {
  let held = false
  let released = false
  let retry: NodeJS.Timeout | undefined
  const sql = connect(() => {
    if (released || !held) return
    held = false
    log.warn('the connection that holds the database was lost')
    void reclaim()
  })

  async function tryClaim(): Promise<boolean> {
    const [row] = await sql<[{ taken: boolean }]>`
      select set_config('tcp_keepalives_idle', ${KEEPALIVE.idleSeconds}, false),
             set_config('tcp_keepalives_interval', ${KEEPALIVE.intervalSeconds}, false),
             set_config('tcp_keepalives_count', ${KEEPALIVE.count}, false),
             pg_try_advisory_lock(${CLAIM_KEY}::bigint) as taken`
    held = row.taken
    return held
  }

  async function reclaim(): Promise<void> {
    if (released) return
    const taken = await tryClaim().catch((err) => log.debug({ err }, 'the database cannot be reached'))
    if (taken) return log.info('the database is held again')
    if (taken === false) log.error('another Darkroom has taken the database meanwhile')
    retry = setTimeout(reclaim, RETRY_MS)
  }

  async function release(): Promise<void> {
    released = true
    clearTimeout(retry)
    await sql.end({ timeout: CLOSE_TIMEOUT_SECONDS })
  }

  if (!(await tryClaim())) {
    await release()
    throw takenError()
  }
  return {
    /** @throws AppError DATA_DIR_LOCKED while another process may hold the database */
    assertHeld(): void {
      if (!held) throw takenError()
    },
    release,
  }
}

function takenError(): AppError {
  return new AppError('DATA_DIR_LOCKED', {
    detail:
      'Another Darkroom is already using the database of DATABASE_URL. For now, each needs a database of its own.',
  })
}
