import t from 'tap'

/** The page in a browser. */
t.before(async () => {
  await import('../page/browser.test.ts')
  await import('../page/interruptions.test.ts')
  await import('../page/scrolling.test.ts')
})
