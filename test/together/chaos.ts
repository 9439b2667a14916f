/** Servers that are killed at random, and moved to other models. */
await import('../chaos.test.ts')
await import('../pack-switch.test.ts')
