/** Inserts rows one after another and tells its parent the number of each that was acknowledged, until it is killed. */
import { openDatabase } from '#src/db/client.js'
import { silent } from './database.ts'

const { sql } = await openDatabase({ databaseUrl: undefined, dataDir: process.argv[2] ?? '' }, silent)
await sql`create table if not exists acknowledged (id int primary key)`
const [row] = await sql`select coalesce(max(id), 0) as newest from acknowledged`
for (let id = Number(row?.newest) + 1; ; id += 1) {
  await sql`insert into acknowledged values (${id})`
  process.send?.(id)
}
