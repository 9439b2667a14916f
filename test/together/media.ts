import t from 'tap'

/** Pictures and videos. The last one looks at the memory of the process. */
t.before(async () => {
  await import('../media/videos.test.ts')
  await import('../media/images.test.ts')
  await import('../media/identify.test.ts')
})
