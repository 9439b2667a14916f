import t from 'tap'

/** Servers that are killed and started again. */
t.before(async () => {
  await import('../recovery.test.ts')
  await import('../database-crash.test.ts')
  await import('../chaos-faults.test.ts')
})
