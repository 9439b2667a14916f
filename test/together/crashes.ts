/** Servers that are killed and started again. */
await import('../recovery.test.ts')
await import('../database-crash.test.ts')
await import('../chaos-faults.test.ts')
