import t from 'tap'

/** The database and the accounts in it. */
t.before(async () => {
  await import('../accounts.test.ts')
  await import('../lost-answers.test.ts')
  await import('../migrate.test.ts')
  await import('../database.test.ts')
  await import('../database-server.test.ts')
})
