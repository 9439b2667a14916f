/** Search, and what it stands on. */
await import('../search.test.ts')
await import('../words.test.ts')
await import('../query-language.test.ts')
