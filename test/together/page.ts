/** The page in a browser. */
await import('../page/browser.test.ts')
