import { createHash, randomBytes } from 'node:crypto'

/** 256 bits: nobody guesses one, so a fast hash of it is as good as a slow one. */
const SECRET_BYTES = 32

/** A random secret that is handed out once, of which only the hash is kept. */
export function createSecret(prefix = ''): { secret: string; hash: Buffer } {
  const secret = prefix + randomBytes(SECRET_BYTES).toString('base64url')
  return { secret, hash: hashSecret(secret) }
}

/** SHA-256, for looking a secret up. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
