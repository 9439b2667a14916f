import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createProgressReport } from '#src/cli/progress.js'
import { runModels } from '#src/cli/run-models.js'
import { type HubConfig, loadConfig } from '#src/config.js'
import { mayCarryToken } from '#src/models/hub/address.js'
import { createHub } from '#src/models/hub/hub.js'
import { readRetryAfter } from '#src/models/hub/transient.js'
import { findInstalled } from '#src/models/store/installed.js'
import { listManifests } from '#src/models/store/manifests.js'
import { createPackStore } from '#src/models/store/pack-store.js'
import { readManifest } from '#src/models/store/read-manifest.js'
import { readSelection } from '#src/models/store/selection.js'
import {
  cutAfter,
  type HubFiles,
  refuseWith,
  sendInstead,
  sendTogether,
  sha256Of,
  stallAfter,
  startLoopbackHub,
  startLoopbackProxy,
} from './helpers/loopback-hub.ts'
import { until } from './helpers/until.ts'

const CLI = fileURLToPath(import.meta.resolve('#src/cli/models.js'))
const VISION = 'someone/towers/onnx/vision.onnx'
const TEXT = 'someone/towers/onnx/text.onnx'
const CONFIG = 'someone/towers/config.json'

const files: HubFiles = {
  [VISION]: randomBytes(300_000),
  [TEXT]: randomBytes(200_000),
  [CONFIG]: Buffer.from('{}'),
}
const contentOf = (file: string) => files[file] ?? Buffer.alloc(0)

interface ManifestFile {
  path: string
  bytes?: number
  sha256?: string
}

/** A manifest of two towers; tests change what they are about. */
function manifestOf(changes: Partial<Record<string, ManifestFile>> = {}) {
  const paths = ['config.json', 'onnx/vision.onnx', 'onnx/text.onnx']
  return {
    name: 'mine',
    summary: 'Two towers.',
    sources: {
      towers: {
        repository: 'someone/towers',
        revision: 'main',
        licence: 'MIT',
        files: paths.map((path): ManifestFile => changes[path] ?? { path }),
      },
    },
    encoders: {
      kind: 'clip',
      source: 'towers',
      vision: 'onnx/vision.onnx',
      text: 'onnx/text.onnx',
      relevance_floor: 0.2,
      tokens: { max: 77 },
    },
    captioner: { kind: 'basic' },
    costs: { memory_bytes: 1, seconds_per_photo: 1 },
  }
}

interface Options extends Partial<HubConfig> {
  manifest?: unknown
  stallMs?: number
  freeBytes?: number
}

/** A data folder, a manifest beside it, a hub, and a store that does not really wait between tries. */
async function setUp(t: Test, { manifest = manifestOf(), stallMs = 5_000, freeBytes = 1e12, ...config }: Options = {}) {
  const folder = t.testdir({ 'mine.json': JSON.stringify(manifest) })
  const hub = await startLoopbackHub(t, files)
  const pauses: number[] = []
  const client = createHub(
    { endpoint: hub.endpoint, token: '', httpProxy: '', httpsProxy: '', noProxy: '', ...config },
    { stallMs, pause: async (milliseconds) => void pauses.push(milliseconds) },
  )
  t.teardown(() => client.close())
  const dataDir = join(folder, 'data')
  const store = createPackStore({ dataDir, modelPack: 'basic', hub: client, freeBytes: async () => freeBytes })
  const towers = join(dataDir, 'models', 'mine', 'towers')
  return { ...hub, folder, dataDir, towers, store, pauses, manifest: join(folder, 'mine.json') }
}

const vision = (folder: string) => join(folder, 'onnx', 'vision.onnx')

/** Waits until so much of a file has arrived. */
const arrived = (path: string, bytes: number) =>
  until(() => existsSync(`${path}.part`) && statSync(`${path}.part`).size === bytes)

function writeFiles(root: string, source = 'towers') {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, source, file.replace('someone/towers/', ''))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

t.test('the bundled manifests are valid, and name every file that inference needs', async (t) => {
  const manifests = await listManifests(t.testdir())
  t.strictSame(
    manifests.map(({ name }) => name),
    ['small', 'recommended', 'large'],
  )
  for (const { name, manifest } of manifests) {
    if (manifest instanceof Error) throw manifest
    const { encoders, captioner, sources } = manifest
    for (const source of [encoders.source, captioner.kind === 'basic' ? undefined : captioner.source]) {
      const paths = sources[source ?? '']?.files.map(({ path }) => path) ?? []
      for (const path of ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
        t.ok(paths.includes(path), `${name}: ${path} of ${source}`)
      }
    }
  }
})

t.test('a manifest that leads out of its folder, or names what it does not have, is refused', async (t) => {
  const read = (change: (manifest: ReturnType<typeof manifestOf>) => void) => {
    const manifest = manifestOf()
    change(manifest)
    return () => readManifest(JSON.stringify(manifest), 'mine.json')
  }
  const invalid = { code: 'MODEL_PACK_INVALID' }
  for (const path of [
    '../../server.js',
    '/etc/passwd',
    'a/../../b',
    '.hidden',
    'a\\..\\b',
    'a//b',
    'x.part',
    'CONFIG.json/x',
  ]) {
    t.throws(
      read(({ sources }) => sources.towers.files.push({ path })),
      invalid,
      path,
    )
  }
  t.throws(
    read((manifest) => Object.assign(manifest, { name: '../mine' })),
    invalid,
  )
  t.throws(
    read((manifest) => Object.assign(manifest, { name: 'basic' })),
    invalid,
  )
  t.throws(
    read(({ sources }) => Object.assign(sources.towers, { repository: '../..' })),
    invalid,
  )
  t.throws(
    read(({ sources }) => Object.assign(sources.towers, { revision: 'refs/../../..' })),
    invalid,
  )
  t.throws(
    read(({ sources }) => sources.towers.files.push({ path: 'Config.json' })),
    invalid,
    'written over another',
  )
  t.throws(
    read(({ encoders }) => Object.assign(encoders, { vision: 'onnx/none.onnx' })),
    { message: /onnx\/none.onnx is not among/ },
  )
  t.throws(
    read(({ encoders }) => Object.assign(encoders, { source: 'none' })),
    { message: /there is no source none/ },
  )
  t.throws(() => readManifest('{', 'mine.json'), { message: 'mine.json is not JSON.' })
  t.equal(read(() => {})().encoders.tokens.lowercase, false, 'what it leaves out has a default')
})

t.test('a pack is pulled, listed, verified, used and removed', async (t) => {
  const { store, manifest, dataDir, towers, requests } = await setUp(t)
  const refused = { code: 'MODEL_PACK_NOT_INSTALLED', message: /npm run models -- pull mine/ }
  await t.rejects(findInstalled(dataDir, 'mine'), refused)
  await t.rejects(store.use({ pack: 'mine', captions: 'keep' }), refused)

  await store.pull(manifest)
  const installed = await findInstalled(dataDir, 'mine')
  t.equal(installed.directory, join(dataDir, 'models', 'mine'))
  t.equal(installed.manifest.name, 'mine')
  t.strictSame(
    installed.files.find(({ path }) => path === 'onnx/vision.onnx'),
    { source: 'towers', path: 'onnx/vision.onnx', bytes: 300_000, sha256: sha256Of(contentOf(VISION)) },
  )
  t.ok(contentOf(VISION).equals(readFileSync(vision(towers))))
  t.strictSame(readdirSync(join(dataDir, 'models')).sort(), ['mine', 'packs'], 'no lock stays')

  const listed = (await store.list()).find(({ name }) => name === 'mine')
  t.match(listed, { isInstalled: true, isActive: false, sizeBytes: 500_002, licences: ['MIT'] })
  t.strictSame(await store.verify(), { packs: ['mine'], problems: [] })

  const before = requests.length
  await store.pull('mine')
  t.equal(requests.length, before, 'what is there and right is not even asked for')

  await store.use({ pack: 'mine', captions: 'redo' })
  t.strictSame(await readSelection(dataDir), { pack: 'mine', captions: 'redo' })
  await t.rejects(store.remove('mine'), { code: 'MODEL_PACK_ACTIVE' })
  await store.use({ pack: 'basic', captions: 'keep' })
  await t.rejects(store.remove('packs'), { code: 'MODEL_PACK_NOT_FOUND' })
  await store.remove('mine')
  await t.rejects(findInstalled(dataDir, 'mine'), refused)
  t.equal((await store.list()).find(({ name }) => name === 'mine')?.isInstalled, false, 'it can be pulled again')
})

t.test('what became of files is found, and mended by another pull', async (t) => {
  const { store, manifest, dataDir, towers, gets } = await setUp(t)
  await store.pull(manifest)
  const damaged = Buffer.from(contentOf(VISION))
  damaged[1000] = (damaged[1000] ?? 0) ^ 1
  writeFileSync(vision(towers), damaged)
  t.match(await store.verify('mine'), { problems: [{ file: 'towers/onnx/vision.onnx', problem: /has the SHA-256/ }] })
  writeFileSync(vision(towers), 'short')
  await t.rejects(findInstalled(dataDir, 'mine'), { message: /vision.onnx is missing or damaged/ })
  t.match(
    (await store.list()).find(({ name }) => name === 'mine'),
    { isInstalled: false, problem: /not whole/ },
  )
  await store.pull('mine')
  t.strictSame((await store.verify('mine')).problems, [])
  t.equal(gets(TEXT).length, 2, 'only what was wrong was fetched again: the hub and the store were asked once')
})

t.test('the token goes to the hub and not to where it redirects', async (t) => {
  const { store, manifest, requests } = await setUp(t, { token: 'hf_secret' })
  await store.pull(manifest)
  const tokens = (at: string) => [...new Set(requests.filter((seen) => seen.at === at).map(({ token }) => token))]
  t.strictSame(tokens('hub'), ['Bearer hf_secret'])
  t.strictSame(tokens('store'), [undefined])

  const carries = (url: string, endpoint: string) => mayCarryToken(new URL(url), new URL(endpoint))
  t.ok(carries('https://huggingface.co/a/b', 'https://huggingface.co'))
  t.notOk(carries('http://huggingface.co/a/b', 'http://huggingface.co'), 'anybody on the way could read it')
  t.notOk(carries('https://huggingface.co.example/a', 'https://huggingface.co'))
  t.notOk(carries('https://huggingface.co:444/a', 'https://huggingface.co'))
  t.notOk(carries('http://mirror.example/a', 'http://mirror.example'))
})

t.test('a download that breaks off goes on where it was', async (t) => {
  const { store, manifest, gets, plan, pauses, towers } = await setUp(t)
  const seen = (bytes: number) => () => arrived(vision(towers), bytes)
  plan(`store GET ${VISION}`, cutAfter(100_000, seen(100_000)), cutAfter(50_000, seen(150_000)))
  plan(
    `hub GET ${CONFIG}`,
    cutAfter(1, () => arrived(join(towers, 'config.json'), 1)),
  )
  await store.pull(manifest)
  t.strictSame((await store.verify()).problems, [])
  const ranges = gets(VISION).flatMap(({ at, range }) => (at === 'store' ? [range] : []))
  t.strictSame(ranges, [undefined, 'bytes=100000-', 'bytes=150000-'])
  t.equal(gets(CONFIG)[1]?.range, 'bytes=1-', 'without a known hash, by the tag that the server gave')
  t.strictSame(pauses, [1000, 1000, 1000], 'who gets further starts counting anew')
})

t.test('a server that stalls is left and asked again', async (t) => {
  const { store, manifest, plan, gets } = await setUp(t, { stallMs: 500 })
  plan(`store GET ${VISION}`, stallAfter(100_000))
  const reasons: string[] = []
  await store.pull(manifest, { onEvent: (event) => void (event.kind === 'retrying' && reasons.push(event.reason)) })
  t.equal(gets(VISION).at(-1)?.range, 'bytes=100000-')
  t.match(reasons, [/sent nothing for 0.5 seconds/])
})

t.test('a busy server is given the time that it asks for', async (t) => {
  const { store, manifest, plan, pauses } = await setUp(t)
  plan(`hub HEAD ${VISION}`, refuseWith(429, { 'retry-after': '7' }), refuseWith(503), refuseWith(503))
  await store.pull(manifest)
  t.strictSame(pauses, [7000, 2000, 4000])
  plan(`hub HEAD ${VISION}`, refuseWith(429, { 'retry-after': '3600' }))
  await store.remove('mine')
  await t.rejects(store.pull(manifest), { message: /asks to wait 3600 seconds/ }, 'an hour is for a person to wait')
  const now = Date.parse('2025-01-01T00:00:00Z')
  t.equal(readRetryAfter('Wed, 01 Jan 2025 00:00:30 GMT', now), 30_000)
  t.equal(readRetryAfter('soon', now), 0)
})

t.test('a server that stays broken is given up with a sentence, and what has arrived stays', async (t) => {
  const { store, manifest, plan, pauses, towers, dataDir } = await setUp(t)
  const cut = cutAfter(100_000, () => arrived(vision(towers), 100_000))
  plan(`store GET ${VISION}`, cut, ...Array.from({ length: 6 }, () => refuseWith(502)))
  await t.rejects(store.pull(manifest), {
    code: 'MODEL_DOWNLOAD_FAILED',
    message: /answered 502 for onnx\/vision.onnx/,
  })
  t.strictSame(pauses, [1000, 2000, 4000, 8000, 16000])
  t.equal(statSync(`${vision(towers)}.part`).size, 100_000)
  await t.rejects(findInstalled(dataDir, 'mine'))
  await store.pull(manifest)
  t.strictSame((await store.verify()).problems, [])
})

t.test('an address that has run out is asked for anew', async (t) => {
  const { store, manifest, plan } = await setUp(t)
  plan(`store GET ${VISION}`, refuseWith(403))
  await store.pull(manifest)
  t.strictSame((await store.verify()).problems, [])
})

t.test('what is not given out or not there is said before anything is fetched', async (t) => {
  const { store, manifest, plan, requests } = await setUp(t)
  plan(`hub HEAD ${VISION}`, refuseWith(401), refuseWith(404))
  await t.rejects(store.pull(manifest), { code: 'MODEL_ACCESS_DENIED', message: /set HF_TOKEN to an access token/ })
  await t.rejects(store.pull(manifest), { code: 'MODEL_DOWNLOAD_FAILED', message: /no onnx\/vision.onnx of .* main/ })
  t.notOk(requests.some(({ method }) => method === 'GET'))
  await t.rejects(store.pull('none'), { code: 'MODEL_PACK_NOT_FOUND', message: /small, recommended, large, mine/ })
})

t.test('another file than the manifest names is refused with both hashes, and nothing of it stays', async (t) => {
  const [wanted, got] = [contentOf(VISION), randomBytes(300_000)]
  const path = 'onnx/vision.onnx'
  const { store, manifest, plan, towers } = await setUp(t, {
    manifest: manifestOf({ [path]: { path, sha256: sha256Of(wanted) } }),
  })
  plan(`store GET ${VISION}`, sendInstead(got))
  const error = await store.pull(manifest).catch((thrown: unknown) => thrown)
  t.match(error, { code: 'MODEL_FILE_CORRUPT', message: new RegExp(`${sha256Of(got)} instead of ${sha256Of(wanted)}`) })
  t.notOk(existsSync(vision(towers)))
  t.notOk(existsSync(`${vision(towers)}.part`))

  plan(`store GET ${VISION}`, sendInstead(got.subarray(1)))
  await t.rejects(store.pull(manifest), { code: 'MODEL_FILE_CORRUPT', message: /is 299999 bytes .* instead of 300000/ })
  await store.pull(manifest)
})

t.test('a hub that has another file than the manifest says is noticed before it is fetched', async (t) => {
  const path = 'onnx/vision.onnx'
  for (const file of [
    { path, bytes: 5 },
    { path, sha256: '0'.repeat(64) },
  ]) {
    const { store, manifest, gets } = await setUp(t, { manifest: manifestOf({ [path]: file }) })
    await t.rejects(store.pull(manifest), { code: 'MODEL_FILE_CORRUPT' })
    t.strictSame(gets(VISION), [])
  }
})

t.test('the rest of another file is not gone on with', async (t) => {
  const { store, manifest, towers } = await setUp(t)
  mkdirSync(join(towers, 'onnx'), { recursive: true })
  writeFileSync(`${vision(towers)}.part`, randomBytes(1000))
  writeFileSync(join(towers, 'onnx', 'text.onnx.part'), randomBytes(900_000))
  writeFileSync(join(towers, 'config.json.part'), '{"no hash is known": 1}')
  await store.pull(manifest)
  t.strictSame((await store.verify()).problems, [])
  t.equal(readFileSync(join(towers, 'config.json'), 'utf8'), '{}')
})

t.test('a disk that is too small is refused before anything is fetched', async (t) => {
  const { store, manifest, requests } = await setUp(t, { freeBytes: 256 * 1024 * 1024 + 100_000 })
  await t.rejects(store.pull(manifest), {
    code: 'STORAGE_FULL',
    message: /1 MB are needed in .*, and 1 MB are missing/,
  })
  t.notOk(requests.some(({ method }) => method === 'GET'))
})

t.test('several files are fetched at once, but not all', async (t) => {
  const paths = Array.from({ length: 8 }, (_, index) => `extra/${index}.onnx`)
  const many = manifestOf()
  many.sources.towers.files.push(...paths.map((path) => ({ path })))
  const all = { ...files, ...Object.fromEntries(paths.map((path) => [`someone/towers/${path}`, randomBytes(500_000)])) }
  const hub = await startLoopbackHub(t, all)
  const { store, manifest } = await setUp(t, { manifest: many, endpoint: hub.endpoint })
  const together = sendTogether(3)
  for (const index of [2, 3, 4]) hub.plan(`store GET someone/towers/extra/${index}.onnx`, together)
  await store.pull(manifest)
  t.equal(hub.mostAtOnce(), 3)
})

t.test('a proxy is used, except for hosts that need none', async (t) => {
  const proxy = await startLoopbackProxy(t)
  const through = await setUp(t, { httpProxy: proxy.address })
  await through.store.pull(through.manifest)
  t.ok(proxy.tunnels.includes(new URL(through.endpoint).host))
  const before = proxy.tunnels.length
  const past = await setUp(t, { httpProxy: proxy.address, noProxy: '127.0.0.1' })
  await past.store.pull(past.manifest)
  t.equal(proxy.tunnels.length, before)

  const { hub } = loadConfig({
    DATA_DIR: t.testdir(),
    http_proxy: 'http://small:1',
    HTTP_PROXY: 'http://capital:1',
    NO_PROXY: 'x',
  })
  t.match(hub, {
    httpProxy: 'http://small:1',
    httpsProxy: '',
    noProxy: 'x',
    endpoint: 'https://huggingface.co',
    token: '',
  })
  t.throws(() => loadConfig({ HF_TOKEN: 'hf_a secret' }), {
    message: /HF_TOKEN but received a value that is not shown/,
  })
})

t.test('a pack is imported from each layout, and checked', async (t) => {
  const path = 'onnx/vision.onnx'
  const { store, manifest, folder, towers, requests } = await setUp(t, {
    manifest: manifestOf({ [path]: { path, sha256: sha256Of(contentOf(VISION)) } }),
  })
  const layouts = [
    'towers',
    'someone/towers',
    'models--someone--towers/snapshots/abc',
    'hub/models--someone--towers/snapshots/abc',
  ]
  for (const [index, layout] of layouts.entries()) {
    const root = join(folder, `layout-${index}`)
    writeFiles(root, layout)
    await store.importFrom(manifest, root)
    t.strictSame(await store.verify('mine'), { packs: ['mine'], problems: [] }, layout)
    t.ok(contentOf(TEXT).equals(readFileSync(join(towers, 'onnx', 'text.onnx'))))
    await store.remove('mine')
  }
  t.strictSame(requests, [], 'without a network')

  const root = join(folder, 'layout-0')
  writeFileSync(vision(join(root, 'towers')), randomBytes(300_000))
  await t.rejects(store.importFrom(manifest, root), { code: 'MODEL_FILE_CORRUPT', message: /instead of/ })
  await t.rejects(store.importFrom(manifest, folder), {
    code: 'MODEL_FILE_MISSING',
    message: /lacks: someone\/towers\/config.json, /,
  })
  await t.rejects(store.verify('mine'), { code: 'MODEL_PACK_NOT_INSTALLED' })
})

t.test('of two pulls of one pack at once the second is refused', async (t) => {
  const { store, manifest, dataDir } = await setUp(t)
  const both = await Promise.allSettled([store.pull(manifest), store.pull(manifest)])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.match(
    both.find(({ status }) => status === 'rejected'),
    { reason: { code: 'MODEL_PACK_BUSY' } },
  )
  await findInstalled(dataDir, 'mine')
})

t.test('a pull can be stopped, and gone on with', async (t) => {
  const { store, manifest, plan, towers, gets } = await setUp(t)
  plan(`store GET ${VISION}`, stallAfter(100_000))
  const stop = new AbortController()
  const pulling = store.pull(manifest, { signal: stop.signal })
  await arrived(vision(towers), 100_000)
  stop.abort()
  await t.rejects(pulling, { name: 'AbortError' })
  await store.pull(manifest)
  t.equal(gets(VISION).at(-1)?.range, 'bytes=100000-')
})

t.test('the command line', async (t) => {
  const { endpoint, folder, dataDir, towers, plan, gets, manifest } = await setUp(t)
  const env = { DATA_DIR: dataDir, HF_ENDPOINT: endpoint, HF_TOKEN: 'hf_secret' }
  const run = async (...args: string[]) => {
    const [stdout, stderr] = [capture(), capture()]
    const { signal } = new AbortController()
    const code = await runModels(args, { loadConfig: () => loadConfig(env), stdout, stderr, signal })
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  }

  t.test('goes on with a pull whose process was killed', async (t) => {
    plan(`store GET ${VISION}`, stallAfter(123_456))
    const child = spawn(process.execPath, [CLI, 'pull', manifest], { env, stdio: 'ignore' })
    await arrived(vision(towers), 123_456)
    child.kill('SIGKILL')
    await once(child, 'exit')
    t.ok(existsSync(join(dataDir, 'models', 'mine.lock')), 'the lock of a dead process is left behind')
    const { code, stdout, stderr } = await run('pull', 'mine')
    t.equal(code, 0)
    t.match(stdout, /mine is installed\. Use it with: npm run models -- use mine/)
    t.match(stderr, /^\d\/3 towers\/onnx\/vision.onnx 300.0 kB done$/m)
    t.equal(gets(VISION).at(-1)?.range, 'bytes=123456-')
    t.ok(contentOf(VISION).equals(readFileSync(vision(towers))))
  })

  t.test('shows, checks and chooses', async (t) => {
    t.match((await run('list')).stdout, /^ {2}mine +installed +500.0 kB +MIT$/m)
    t.match(await run('verify'), { code: 0, stdout: 'mine is as it arrived.\n' })
    t.match(await run('use', 'mine', '--dry-run'), { code: 0, stdout: /Nothing was changed/ })
    t.equal(await readSelection(dataDir), undefined)
    t.match(await run('use', 'mine', '--captions', 'redo'), { code: 0, stdout: /mine is chosen/ })
    t.strictSame(await readSelection(dataDir), { pack: 'mine', captions: 'redo' })
    writeFileSync(join(towers, 'config.json'), '{"other": 1}')
    t.match(await run('verify'), { code: 1, stdout: /^mine: towers\/config.json has the SHA-256 .*\nmine is damaged/ })
    await run('use', 'basic')
    t.match(await run('remove', 'mine'), { code: 0, stdout: 'mine is removed.\n' })
    writeFiles(folder)
    t.match(await run('import', 'mine', folder), { code: 0, stdout: /^mine is installed/ })
  })

  t.test('fails with one sentence and a code', async (t) => {
    t.match(await run('remove', 'basic'), { code: 1, stderr: /^The model pack basic is in use\..*\n$/ })
    t.match(await run('pull', 'none'), { code: 1, stderr: /^There is no model pack "none"\..*\n$/ })
    t.match(await run('use', 'mine', '--captions', 'maybe'), {
      code: 2,
      stderr: /^Expected keep or redo for --captions/,
    })
    t.match(await run('pull'), { code: 2, stderr: /^Expected: npm run models -- pull NAME/ })
    t.match(await run('list', '--all'), { code: 2, stderr: /^Unknown option '--all'/ })
    t.match(await run('dance'), { code: 2, stderr: /^There is no command "dance"\./ })
    t.match(await run(), { code: 0, stdout: /pull NAME\|FILE\.json/ })
    t.match(await run('use', '--help'), { code: 0, stdout: /^npm run models -- use NAME \[--captions/ })
  })

  t.test('draws a bar on a terminal', async (t) => {
    const terminal = Object.assign(capture(), { isTTY: true, columns: 200 })
    const { onEvent, end } = createProgressReport(terminal)
    onEvent({ kind: 'planned', files: 2, sizeBytes: 4_000_000 })
    onEvent({ kind: 'finished', file: 'a/b', sizeBytes: 1_000_000, how: 'kept' })
    onEvent({ kind: 'retrying', file: 'a/c', reason: 'It broke.', pauseMs: 1500 })
    onEvent({ kind: 'finished', file: 'a/c', sizeBytes: 3_000_000, how: 'new' })
    end()
    t.match(terminal.text(), /\[#{6}-{18}\] {2}25% {2}1\.0 MB of 4\.0 MB {2}0 B\/s {2}1\/2 files/)
    t.match(terminal.text(), /a\/c: It broke\. Trying again in 2 s\.\n/)
    t.match(terminal.text(), /\[#{24}\] 100% {2}4\.0 MB of 4\.0 MB {2}[\d.]+ \w+\/s {2}0:00 left {2}2\/2 files\n$/)
  })
})

function capture() {
  const written: string[] = []
  return { write: (text: string) => written.push(text), text: () => written.join('') }
}
