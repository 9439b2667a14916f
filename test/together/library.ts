import t from 'tap'

/** What is kept, listed and shared. */
t.before(async () => {
  await import('../library.test.ts')
  await import('../library-sharing.test.ts')
  await import('../library-lists.test.ts')
})
