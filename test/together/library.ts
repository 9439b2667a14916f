/** What is kept, listed and shared. */
await import('../library.test.ts')
await import('../library-sharing.test.ts')
await import('../library-lists.test.ts')
