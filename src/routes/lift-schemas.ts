/**
 * Schemas that have a name (`$id`) are repeated wherever they are used; an OpenAPI document says each once, under
 * `components.schemas`, and refers to it. @fastify/swagger drops `$id`, so the names travel past it under another key.
 */
const NAME = 'x-schema-name'

type Json = Record<string, unknown>

/** A copy in which every `$id` is kept from being dropped. For the schema of a route. */
export function keepNames<T extends object>(schema: T): T {
  return mapObjects(schema, ({ $id, ...members }) =>
    typeof $id === 'string' ? { ...members, [NAME]: $id } : members,
  ) as T
}

/** A copy in which every named schema stands once under `components.schemas`. For the whole document. */
export function liftSchemas<T extends { components?: object }>(document: T): T {
  const schemas: Json = {}
  const lifted = mapObjects(document, ({ [NAME]: name, ...members }) => {
    if (typeof name !== 'string') return members
    schemas[name] = members
    return { $ref: `#/components/schemas/${name}` }
  }) as T
  return { ...lifted, components: { ...lifted.components, schemas } }
}

/** A deep copy with every object replaced, the innermost first. */
function mapObjects(node: unknown, replace: (object: Json) => Json): unknown {
  if (Array.isArray(node)) return node.map((item) => mapObjects(item, replace))
  if (node === null || typeof node !== 'object') return node
  return replace(Object.fromEntries(Object.entries(node).map(([key, value]) => [key, mapObjects(value, replace)])))
}
