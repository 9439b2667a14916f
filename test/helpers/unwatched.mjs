import { createRequire } from 'node:module'

/*
 * Runs in each test process before the test (`.taprc`). tap puts hooks into the threads and processes that a test starts,
 * to measure what they cover. Nobody asks for that here, and under the hooks every thread starts three times as slowly.
 */

delete process.env.NODE_OPTIONS
const requireOfTap = createRequire(import.meta.resolve('@tapjs/processinfo'))
requireOfTap('process-on-spawn').removeAllListeners()
