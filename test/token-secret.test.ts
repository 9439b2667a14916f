import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { loadConfig } from '#src/config.js'

/** Prints the token secret of the data folder that is named by its argument. */
const PRINTER = `import { loadConfig } from '#src/config.js'
  process.stdout.write(loadConfig({ DATA_DIR: process.argv[1] }).tokenSecret)`

const run = promisify(execFile)
const load = (dataDir: string) => loadConfig({ DATA_DIR: dataDir }).tokenSecret
const mode = (path: string) => statSync(path).mode & 0o777

t.test('the token secret is made once, in a folder and a file that only their owner reads', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const secret = load(dataDir)
  t.match(secret, /^[\w-]{64}$/)
  t.equal(load(dataDir), secret)
  t.strictSame(readdirSync(dataDir), ['token-secret'])
  t.equal(mode(dataDir), 0o700)
  t.equal(mode(join(dataDir, 'token-secret')), 0o600)
})

t.test('two that start together have the same token secret', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const starts = [1, 2].map(() => run(process.execPath, ['--input-type=module', '--eval', PRINTER, dataDir]))
  const [one, other] = await Promise.all(starts)
  t.match(one?.stdout, /^[\w-]{64}$/)
  t.equal(one?.stdout, other?.stdout)
  t.strictSame(readdirSync(dataDir), ['token-secret'])
})

t.test('an empty file, as a kill may leave it, is replaced', async (t) => {
  const dataDir = t.testdir()
  const path = join(dataDir, 'token-secret')
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  const secret = load(dataDir)
  t.match(secret, /^[\w-]{64}$/)
  t.equal(readFileSync(path, 'utf8'), secret)
  t.equal(mode(path), 0o600)
  t.strictSame(readdirSync(dataDir), ['token-secret'])
})

t.test('a secret that somebody put there is left as it is', async (t) => {
  const dataDir = t.testdir({ 'token-secret': 'one that was made by hand, with a line end\n' })
  t.equal(load(dataDir), 'one that was made by hand, with a line end')
})

t.test('a token secret that cannot be read is not replaced', async (t) => {
  const dataDir = t.testdir()
  mkdirSync(join(dataDir, 'token-secret'))
  t.throws(() => load(dataDir), { code: 'EISDIR' })
})
