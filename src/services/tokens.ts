import { createSigner, createVerifier } from 'fast-jwt'
import { validate as isUuid } from 'uuid'
import { AppError } from '../errors.ts'

/** What an access token says: who, and in which session. */
export interface AccessClaims {
  readonly userId: string
  readonly sessionId: string
}

export type Tokens = ReturnType<typeof createTokens>

const ISSUER = 'darkroom'
const ALGORITHM = 'HS256'

/** Access tokens: JWTs (RFC 7519) that this server signs and only this server reads. */
export function createTokens(settings: { secret: string; lifetimeSeconds: number }) {
  const { secret, lifetimeSeconds } = settings
  const sign = createSigner({ key: secret, algorithm: ALGORITHM, iss: ISSUER, expiresIn: lifetimeSeconds * 1000 })
  const verify = createVerifier({
    key: secret,
    // Named, because a token that chooses its own algorithm can choose `none`.
    algorithms: [ALGORITHM],
    allowedIss: ISSUER,
    requiredClaims: ['iss', 'exp', 'sub', 'sid'],
  })

  return {
    lifetimeSeconds,

    issue({ userId, sessionId }: AccessClaims): string {
      return sign({ sub: userId, sid: sessionId })
    },

    /** @throws AppError TOKEN_INVALID for anything that is not a token of ours that is still good. */
    read(token: string): AccessClaims {
      const { sub, sid } = readClaims(token)
      return { userId: asId(sub), sessionId: asId(sid) }
    },
  }

  function readClaims(token: string): { sub: unknown; sid: unknown } {
    try {
      return verify(token)
    } catch (cause) {
      throw new AppError('TOKEN_INVALID', { cause })
    }
  }
}

/** Another program that has the same secret may sign too, but its ids mean nothing here. */
function asId(claim: unknown): string {
  if (typeof claim !== 'string' || !isUuid(claim)) throw new AppError('TOKEN_INVALID')
  return claim
}
