import t from 'tap'

/** The main job, over HTTP. */
t.before(async () => {
  await import('../main-job.test.ts')
  await import('../page.test.ts')
  await import('../http.test.ts')
  await import('../back-pressure.test.ts')
})
