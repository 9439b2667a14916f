import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'

/**
 * Validates requests with TypeBox itself: defaults are filled in, unknown members are refused where a schema says
 * `additionalProperties: false`, and only what arrives as text (query, path, headers) is converted. In a JSON body
 * "5" is not 5.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  // Compiled when the route is first asked: nobody waits at the start for what nobody asks.
  let compiled: ReturnType<typeof Compile> | undefined
  return (given: unknown) => {
    compiled ??= Compile(schema)
    const complete = Value.Default(schema, given)
    const value = httpPart === 'body' ? complete : Value.Convert(schema, complete)
    return compiled.Check(value) ? { value } : { error: compiled.Errors(value) }
  }
}
