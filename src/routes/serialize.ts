import fastJsonStringify from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'
import type { TSchema } from 'typebox'

/**
 * Writes what a schema names and nothing else. Compiled when a route first answers with that status: most of the
 * hundreds of pairs of route and status are never used, and compiling them all was a tenth of every start.
 */
export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema }) => {
  let stringify: ((data: unknown) => string) | undefined
  return (data) => {
    stringify ??= fastJsonStringify(schema)
    return stringify(data)
  }
}
