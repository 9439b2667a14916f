/** What strangers try. */
await import('../access.test.ts')
await import('../hostile.test.ts')
