import t from 'tap'

/** What strangers try. */
t.before(async () => {
  await import('../access.test.ts')
  await import('../hostile.test.ts')
})
