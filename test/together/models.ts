import t from 'tap'

/** Models and packs of them. */
t.before(async () => {
  await import('../models.test.ts')
  await import('../model-packs.test.ts')
  await import('../model-hub.test.ts')
  await import('../model-parts.test.ts')
  await import('../generation.test.ts')
  await import('../real-models.test.ts')
})
