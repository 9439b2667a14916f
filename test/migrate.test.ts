import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { migrate } from '#src/db/migrate.js'
import { openTestDatabase, silent } from './helpers/database.ts'

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))
const USER_ID = '00000000-0000-7000-8000-000000000001'

const database = await openTestDatabase(t)
const { sql } = database

/** The real files and one more, in a folder that is removed when the test ends. */
async function folderWith(t: Test, added: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-migrations-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const name of await readdir(MIGRATIONS)) await copyFile(join(MIGRATIONS, name), join(folder, name))
  for (const [name, script] of Object.entries(added)) await writeFile(join(folder, name), script)
  return folder
}

t.test('a database that is up to date is left alone', async (t) => {
  t.same(await migrate(database, silent), [])
})

t.test('a migration is applied once, however many ask for it at the same time', async (t) => {
  const folder = await folderWith(t, { '9001_extra.sql': 'create table extra (id int); insert into extra values (1);' })
  const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(database, silent, folder)))
  t.same(applied.flat(), ['9001_extra.sql'])
  t.equal((await sql`select id from extra`).length, 1)
  await t.rejects(migrate(database, silent), { code: 'SCHEMA_TOO_NEW', message: /9001_extra\.sql/ })
})

t.test('a migration that was edited after it was applied is refused', async (t) => {
  const folder = await folderWith(t, { '9001_extra.sql': 'create table extra (id int, edited int);' })
  await t.rejects(migrate(database, silent, folder), { code: 'INTERNAL', message: /9001_extra\.sql was edited/ })
})

t.test('a migration that fails leaves nothing behind, and those before it stay', async (t) => {
  const first = 'create table extra (id int); insert into extra values (1);'
  const broken = {
    '9002_good.sql': 'create table good (id int);',
    '9003_bad.sql': 'create table bad (id int); select 1 / 0;',
  }
  const folder = await folderWith(t, { '9001_extra.sql': first, ...broken })
  await t.rejects(migrate(database, silent, folder), { message: /9003_bad\.sql failed/, cause: { code: '22012' } })
  const [row] = await sql`select to_regclass('good') is not null as good, to_regclass('bad') is not null as bad`
  t.same({ ...row }, { good: true, bad: false })
  await writeFile(join(folder, '9003_bad.sql'), 'create table bad (id int);')
  t.same(await migrate(database, silent, folder), ['9003_bad.sql'])
})

t.test('who was signed in before sessions had rows of their own stays signed in', async (t) => {
  const script = (name: string) => readFile(join(MIGRATIONS, name), 'utf8')
  const [before, after] = await Promise.all([script('0001_accounts.sql'), script('0009_sessions.sql')])
  const inOldSchema = sql.begin(async (tx) => {
    await tx`create schema before`
    await tx`set local search_path to before, public`
    await tx.unsafe(before)
    await tx`insert into users (id, username, password_hash, role) values (${USER_ID}, 'Old', 'x', 'member')`
    await tx.unsafe(`insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at, created_at, revoked_at)
      select gen_random_uuid(), '${USER_ID}', family, sha256((family::text || n)::bytea), now(), now() - n * interval '1 hour', ended
      from (values (gen_random_uuid(), null::timestamptz), (gen_random_uuid(), now())) as families (family, ended),
        generate_series(1, 3) as n`)
    await tx.unsafe(after)
    const sessions = await tx`
      select s.user_id, s.ended_at is null as open, s.last_used_at - s.created_at = interval '2 hours' as kept, count(*)
      from sessions s join refresh_tokens t on t.session_id = s.id group by s.id order by open`
    t.match(sessions, [
      { userId: USER_ID, open: false, kept: true, count: 3 },
      { userId: USER_ID, open: true, kept: true, count: 3 },
    ])
    throw new Error('enough')
  })
  await t.rejects(inOldSchema, { message: 'enough' })
})

t.test('an upload moves only along its state machine', async (t) => {
  await sql`insert into users (id, username, password_hash, role) values (${USER_ID}, 'Ann', 'x', 'member')`
  const statuses = ['pending', 'analyzing', 'embedding', 'completed', 'failed']
  const allowed = [
    'pending analyzing',
    'pending failed',
    'analyzing pending',
    'analyzing embedding',
    'analyzing failed',
    'embedding pending',
    'embedding completed',
    'embedding failed',
  ]
  const move = (from: string, to: string, attempts: number) =>
    sql.begin(async (tx) => {
      await tx`delete from uploads`
      await tx`
      insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane, status)
      values (gen_random_uuid(), ${USER_ID}, 'a.jpg', 'image', 'image/jpeg', 'jpg', 1, 'x', 'interactive', ${from})`
      await tx`update uploads set status = ${to}, attempts = ${attempts}`
    })
  for (const from of statuses) {
    for (const to of statuses) {
      const isAllowed = from === to || allowed.includes(`${from} ${to}`)
      const outcome = move(from, to, 1)
      if (isAllowed) await t.resolves(outcome, `${from} to ${to}`)
      else await t.rejects(outcome, { message: new RegExp(`cannot go from ${from} to ${to}`) })
    }
  }
  for (const from of ['completed', 'failed']) await t.resolves(move(from, 'pending', 0), `${from} begins afresh`)
})
