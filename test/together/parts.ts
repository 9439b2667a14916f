import t from 'tap'

/** Small parts. The last one looks at the memory of the process. */
t.before(async () => {
  await import('../architecture.test.ts')
  await import('../data-lock.test.ts')
  await import('../pieces.test.ts')
  await import('../token-secret.test.ts')
  await import('../storage.test.ts')
})
