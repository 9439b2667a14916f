import { type TSchema, Type } from 'typebox'

/** Fields that many nouns share. */
export const IdSchema = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'UUIDv7, in lower case.',
})

export const TimestampSchema = Type.String({ format: 'date-time', description: 'RFC 3339, UTC.' })

/** `T | null`: the member is always there. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const IdParamsSchema = Type.Object({ id: IdSchema })

const PAGE_MAX = 200
export const LimitSchema = Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: 50 }))

/** Opaque; a list gives it out as `next_cursor`. The length bounds what is decoded. */
export const CursorSchema = Type.Optional(Type.String({ maxLength: 2048 }))
