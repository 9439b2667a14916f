/** The page in a browser. */
await import('../page/browser.test.ts')
await import('../page/interruptions.test.ts')
await import('../page/scrolling.test.ts')
