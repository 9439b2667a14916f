import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { signIn } from './session.ts'

export interface FuzzOptions {
  address: string
  seed: number
  /** In all, spread over the routes. */
  requests: number
  say(line: string): void
}

type Schema = Record<string, unknown> & {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  enum?: unknown[]
}

interface Operation {
  parameters?: { name: string; in: 'query' | 'path' | 'header'; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const HOSTILE_TEXTS: readonly string[] = [
  ...['', ' ', '\u0000', '\ud800', '\u202e', "' or 1=1 --", '"; drop table users; --', '%', '_', '\\', '%00', '../..'],
  ...[
    '__proto__',
    'constructor',
    'null',
    '-1',
    '1e400',
    'NaN',
    '2024-13-45T99:99:99Z',
    '9'.repeat(400),
    'a'.repeat(3000),
  ],
  ...['(((((', '"""', 'type:video -type:image', 'taken:2024..', '*:*', '&|!():*', '\u{1f4a9}'.repeat(50), '<%= x %>'],
]
const HOSTILE_VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 2 ** 53, -(2 ** 31) - 1, 1e308, 0.1, [], {}, [[[[[]]]]], { a: { b: {} } }, 'x'.repeat(5000)],
  ...[Array.from({ length: 500 }, () => 'x'), { length: -1 }, { toString: 1 }, { type: 'video' }],
]

/** Requests with valid and invalid values from the document of the server; the sentences of what was wrong. */
export async function runFuzzer({ address, seed, requests, say }: FuzzOptions): Promise<string[]> {
  const session = await signIn(address, 'hostile')
  const document = JSON.parse((await session.anonymously('GET', '/docs/json')).text) as Document
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const problems: string[] = []
  const statuses = new Map<number, number>()
  const each = Math.ceil(requests / operations.length)
  const ids = await knownIds()
  let count = 0
  for (const [index, { path, method, operation }] of operations.entries()) {
    const drawn = fc.sample(requestOf(operation), { numRuns: each, seed: seed + index })
    for (const request of drawn) {
      const answer = await send(method, path, request)
      count++
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      const wrong = judge(operation, answer)
      if (wrong) problems.push(`${method} ${path} ${JSON.stringify(request).slice(0, 300)}: ${wrong}`)
    }
  }
  await session.close()
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status} ${times}`)
  say(`  ${count} requests to ${operations.length} operations (${told.join(', ')}), ${problems.length} problems`)
  return problems

  async function knownIds(): Promise<string[]> {
    const made = await Promise.all([
      session.call('POST', '/v1/albums', { json: { name: 'fuzz' } }),
      session.call('POST', '/v1/searches', { json: { name: 'fuzz', query: 'x' } }),
    ])
    return [...made.map(({ text }) => (JSON.parse(text) as { id: string }).id), randomUUID()]
  }

  function requestOf({ parameters = [], requestBody }: Operation) {
    const values = Object.fromEntries(
      parameters
        .filter((one) => one.in !== 'header')
        .map(({ name, schema }) => [name, fc.option(queryValueOf(schema))]),
    )
    const schema = requestBody?.content['application/json']?.schema
    const body = schema === undefined ? fc.constant(undefined) : bodyOf(resolve(schema))
    return fc.record({ values: fc.record(values), body })
  }

  /** The body as it should be, with one thing wrong, or something else. */
  function bodyOf(schema: Schema): fc.Arbitrary<unknown> {
    const valid = fromSchema(schema)
    const broken = fc
      .tuple(valid, fc.constantFrom(...HOSTILE_VALUES, ...HOSTILE_TEXTS), fc.nat())
      .map(([body, hostile, at]) => {
        if (body === null || typeof body !== 'object' || Array.isArray(body)) return hostile
        const names = [...Object.keys(body), ...Object.keys(schema.properties ?? {}), 'unknown']
        return { ...body, [names[at % names.length] ?? 'x']: hostile }
      })
    return fc.oneof(
      { weight: 3, arbitrary: valid },
      { weight: 4, arbitrary: broken },
      { weight: 1, arbitrary: fc.jsonValue() },
    )
  }

  function queryValueOf(schema: Schema): fc.Arbitrary<unknown> {
    return fc.oneof(fromSchema(resolve(schema)), fc.constantFrom(...HOSTILE_TEXTS), fc.string({ maxLength: 40 }))
  }

  function fromSchema(schema: Schema): fc.Arbitrary<unknown> {
    const { anyOf, type, properties = {}, required = [], items } = schema
    if (anyOf) return fc.oneof(...anyOf.map(fromSchema))
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (type === 'string') return textOf(schema)
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    const { minimum = -1000, maximum = 1e6 } = schema as { minimum?: number; maximum?: number }
    if (type === 'integer') return fc.integer({ min: Math.ceil(minimum), max: Math.min(maximum, 2 ** 31 - 1) })
    if (type === 'number') return fc.double({ min: minimum, max: maximum, noNaN: true })
    if (type === 'array') return fc.array(items ? fromSchema(items) : fc.jsonValue(), { minLength: 1, maxLength: 5 })
    if (type !== 'object') return fc.jsonValue()
    const members = Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, fromSchema(member)]))
    return fc.record(members, { requiredKeys: required })
  }

  function textOf({ pattern, format, maxLength }: Schema): fc.Arbitrary<string> {
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
    if (typeof pattern === 'string' && pattern.startsWith('^[0-9a-f]{8}')) return fc.constantFrom(...ids)
    if (typeof pattern === 'string' && pattern.includes('\\d{1,5}')) {
      return fc
        .array(fc.double({ min: -181, max: 181, noNaN: true }), { minLength: 3, maxLength: 4 })
        .map((n) => n.map((x) => x.toFixed(3)).join(','))
    }
    return fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: Math.min(Number(maxLength ?? 40), 200) }),
      fc.constantFrom(...HOSTILE_TEXTS),
    )
  }

  /** The schema without references. Nothing in the document refers to itself. */
  function resolve(schema: Schema): Schema {
    return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
      if (value === null || typeof value !== 'object' || !('$ref' in value)) return value
      const name = String(value.$ref).split('/').at(-1) ?? ''
      return resolve(document.components.schemas[name] ?? {})
    }) as Schema
  }

  async function send(
    method: string,
    path: string,
    { values, body }: { values: Record<string, unknown>; body: unknown },
  ) {
    const used = new Set<string>()
    const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
      used.add(name)
      return encode(values[name] ?? ids[0])
    })
    const query = Object.entries(values)
      .filter(([name, value]) => !used.has(name) && value !== null)
      .map(([name, value]) => `${name}=${encode(value)}`)
    const address = query.length > 0 ? `${filled}?${query.join('&')}` : filled
    return session.anonymously(method.toUpperCase(), address, body === undefined ? {} : { json: body }, session.token)
  }

  function judge(
    { responses }: Operation,
    { status, headers, text }: { status: number; headers: object; text: string },
  ) {
    if (status >= 500 && status !== 503) return `${status} ${text.slice(0, 300)}`
    const declared = responses[status] ?? (status === 429 ? responses['4xx'] : undefined)
    if (!declared) return `${status} is not declared: ${text.slice(0, 200)}`
    const type = String((headers as Record<string, unknown>)['content-type'] ?? '').split(';')[0] ?? ''
    const schema = declared.content?.[type]?.schema
    if (!schema || !type.endsWith('json')) return undefined
    const resolved = resolve(schema)
    const body: unknown = JSON.parse(text)
    if (Value.Check(resolved, body)) return undefined
    const [first] = Value.Errors(resolved, body)
    return `${status} is not as declared: ${first?.instancePath} ${first?.message}`
  }
}

function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))
}
