import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

/** Who may import what from src. `docs/architecture.md` shows the same table. */
const ALLOWED: Record<string, readonly string[]> = {
  config: ['config', 'errors'],
  errors: [],
  paths: [],
  schemas: ['schemas'],
  progress: ['schemas', 'errors'],
  releases: ['errors'],
  db: ['db', 'config', 'errors', 'paths', 'schemas'],
  storage: ['storage', 'config', 'errors', 'schemas'],
  media: ['media', 'config', 'errors', 'paths', 'schemas'],
  models: ['models', 'config', 'errors', 'paths', 'schemas'],
  services: ['services', 'db', 'storage', 'media', 'models', 'progress', 'schemas', 'errors'],
  background: ['background', 'db', 'storage', 'media', 'models', 'progress', 'schemas', 'errors'],
  routes: ['routes', 'services', 'progress', 'schemas', 'errors'],
  cli: ['cli', 'models', 'media', 'config', 'errors'],
}

/** Each library has one owner. Resampling raw pixels for a model is the one thing that models do with sharp. */
const OWNERS: Record<string, RegExp> = {
  postgres: /^src\/db\//,
  '@electric-sql/pglite': /^src\/db\//,
  sharp: /^src\/(media\/|models\/pixels\.ts$)/,
  'onnxruntime-node': /^src\/models\//,
  undici: /^src\/models\/hub\//,
  fastify: /^src\/(routes\/|app\.ts$|server\.ts$)/,
  'node:fs': /^src\/(storage|media|models|db|config|cli)\/|^src\/(config|app)\.ts$/,
  'node:fs/promises': /^src\/(storage|media|models|db|config|cli)\/|^src\/(config|app)\.ts$/,
}

function listSources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? listSources(path) : path.endsWith('.ts') ? [path] : []
  })
}

const sources = new Map(listSources('src').map((path) => [path, readFileSync(path, 'utf8')]))

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

/** Every import of a file. Worker files are named in a URL, not imported: they count as part of their folder. */
function importsOf(path: string): Import[] {
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'"`;]*?from\s+)?['"]([^'"]+)['"]/g
  return [...(sources.get(path) ?? '').matchAll(pattern)].map(([, type, to = '']) => ({
    from: path,
    to: to.startsWith('.') ? join(dirname(path), to) : to,
    typeOnly: type !== undefined,
  }))
}

const imports = [...sources.keys()].flatMap(importsOf)

function roomOf(path: string): string {
  return relative('src', path).split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

t.test('a folder imports only what the table allows', async (t) => {
  t.ok(imports.length > 100, 'imports are found at all')
  for (const { from, to } of imports) {
    const room = roomOf(from)
    if (!to.startsWith('src/') || room === 'app' || room === 'server') continue
    const allowed = ALLOWED[room]
    t.ok(allowed?.includes(roomOf(to)), `${from} may import ${to}`)
  }
})

t.test('every import names a file that exists, with its extension', async (t) => {
  for (const { from, to } of imports) {
    if (to.startsWith('src/')) t.ok(sources.has(to), `${from} -> ${to}`)
  }
})

t.test('a library is used only by its owner', async (t) => {
  for (const { from, to, typeOnly } of imports) {
    const owner = OWNERS[to]
    if (owner && !typeOnly) t.match(from, owner, `${from} may use ${to}`)
  }
})

t.test('only the configuration reads the environment', async (t) => {
  for (const [path, text] of sources) {
    if (path !== 'src/config.ts') t.notMatch(text, /process\.env/, path)
  }
})

t.test('there is no import cycle', async (t) => {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const { to, typeOnly } of importsOf(file)) {
      const cycle = sources.has(to) && !typeOnly ? visit(to) : undefined
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of sources.keys()) t.equal(visit(file)?.join(' -> '), undefined, file)
})

t.test('no file is an attic', async (t) => {
  for (const [path, text] of sources) t.ok(text.split('\n').length <= 301, `${path} has at most 300 lines`)
})

t.test('each test file runs in one process of test/together, with others that are alike', async (t) => {
  // A process of its own would cost each file the start of the program, of a database and of models.
  const started = listSources('test/together').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^ {2}await import\('\.\.\/(.+)'\)$/gm)].map(([, name]) => `test/${name}`),
  )
  const written = listSources('test').filter((path) => path.endsWith('.test.ts'))
  t.same(started.sort(), written.sort())
})
