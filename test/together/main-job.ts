/** The main job, over HTTP. */
await import('../main-job.test.ts')
await import('../page.test.ts')
await import('../http.test.ts')
