import t from 'tap'

/** Search, and what it stands on. */
t.before(async () => {
  await import('../search.test.ts')
  await import('../words.test.ts')
  await import('../query-language.test.ts')
})
