/** Servers that are killed at random, and moved to other models. */
import '../chaos.test.ts'
import '../pack-switch.test.ts'
