import { linkSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase, type Sql } from '#src/db/client.js'
import { createPasswords } from '#src/services/passwords.js'
import { silent } from '../helpers/database.ts'
import { PASSWORD } from './visitor.ts'

const DAY_MS = 86_400_000
const SHAPES = [
  [4000, 3000],
  [3000, 4000],
  [3000, 2000],
  [1920, 1080],
] as const
/** Pictures come in heaps: so many a day, with days without any between them. */
const A_DAY = 9

/** Photos of many years, developed, in a database that no server uses yet. */
export async function fillTimeline(dataDir: string, username: string, count: number): Promise<void> {
  const userId = uuidv7()
  const ids = Array.from({ length: count }, () => uuidv7())
  const { sql, close } = await openDatabase({ databaseUrl: undefined, dataDir }, silent)
  await insertUser(sql, userId, username)
  await insertPhotos(sql, userId, ids)
  await close()
  await linkThumbnails(join(dataDir, 'media', userId), ids)
}

async function insertUser(sql: Sql, id: string, username: string): Promise<void> {
  const hash = await createPasswords().hash(PASSWORD)
  await sql`insert into users (id, username, password_hash, role) values (${id}, ${username}, ${hash}, 'administrator')`
}

async function insertPhotos(sql: Sql, userId: string, ids: readonly string[]): Promise<void> {
  const end = Date.UTC(2026, 9, 1)
  const photos = ids.map((id, index) => {
    const [width, height] = SHAPES[(index * 7) % SHAPES.length] ?? SHAPES[0]
    const taken = end - Math.floor(index / A_DAY) * 1.6 * DAY_MS - (index % A_DAY) * 60_000
    return { id, number: index + 1, name: `IMG_${index}.jpg`, width, height, taken: new Date(taken) }
  })
  // Words to suggest are counted row by row, which takes as long as all the rest.
  await sql`alter table uploads disable trigger count_suggestions_new`
  await sql`
    insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, width, height, taken_at,
      status, stage, next_stage, lane, attempts, description, thumbhash, has_renditions, processed_at)
    select id, ${userId}, name, 'image', 'image/jpeg', 'jpg', 3000000, id::text, width, height, taken,
      'completed', 'completed', 'index', 'batch', 1, 'Number ' || number, 'ohgWFoB4eHiPd4d6iHiHV3eHeH+q95g=', true, taken
    from jsonb_to_recordset(${sql.json(photos)})
      as photo(id uuid, number int, name text, width int, height int, taken timestamptz)`
  await sql`alter table uploads enable trigger count_suggestions_new`
}

/** One file under all names: twenty thousand pictures would only cost time and room. */
async function linkThumbnails(folder: string, ids: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const picture = join(folder, 'thumbnail.webp')
  await sharp({ create: { width: 256, height: 192, channels: 3, background: '#86725a' } })
    .webp()
    .toFile(picture)
  for (const id of ids) {
    mkdirSync(join(folder, id))
    linkSync(picture, join(folder, id, 'thumbnail.webp'))
  }
  rmSync(picture)
}
