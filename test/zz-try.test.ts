import t from 'tap'
import { openTestDatabase } from './helpers/database.ts'
let s = performance.now()
const db = await openTestDatabase(t)
console.log('# open1', performance.now() - s)
s = performance.now()
await openTestDatabase(t)
console.log('# open2', performance.now() - s)
t.test('x', async (t) => {
console.log(await db.sql`select name, applied_at from migrations`)
  t.ok(1)
})
