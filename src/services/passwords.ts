import { hash, verify } from '@node-rs/argon2'
import pLimit from 'p-limit'

/**
 * argon2id with the parameters that OWASP's Password Storage Cheat Sheet names first for servers:
 * 19 MiB, two passes, one lane. About 30 ms.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashing runs on libuv's four threads, which also read and write files: half of them stay free for that. */
const MOST_AT_ONCE = 2

/** A hash at the same cost, of a password that nobody knows. */
export const DECOY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$RGWz/MUygPfQ2FTxQmseNg$luBGIV8m2zlR5fugnEJevZJJmi5xIhj4wWE+vOOkO5M'

export type Passwords = ReturnType<typeof createPasswords>

export function createPasswords() {
  const limit = pLimit(MOST_AT_ONCE)
  return {
    async hash(password: string): Promise<string> {
      return limit(() => hash(normalise(password), COST))
    },

    /** Without a stored hash it takes as long and says no, so that the time does not tell which names exist. */
    async verify(storedHash: string | undefined, password: string): Promise<boolean> {
      const matches = await limit(() => verify(storedHash ?? DECOY_HASH, normalise(password)))
      return matches && storedHash !== undefined
    },
  }
}

/** The same characters from another keyboard are the same password (NIST SP 800-63B, 5.1.1.2). */
function normalise(password: string): string {
  return password.normalize('NFKC')
}
