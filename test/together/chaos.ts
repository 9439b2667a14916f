import t from 'tap'

/** Servers that are killed at random, and moved to other models. */
t.before(async () => {
  await import('../chaos.test.ts')
  await import('../pack-switch.test.ts')
})
