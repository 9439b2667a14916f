import { createRequire } from 'node:module'

/*
 * Runs in each test process before the test (`.taprc`): takes away what makes starts slow and proves nothing.
 */

// tap puts hooks into the threads and processes that a test starts, to measure what they cover. Nobody asks for that
// here, and under the hooks every thread starts three times as slowly.
delete process.env.NODE_OPTIONS
const requireOfTap = createRequire(import.meta.resolve('@tapjs/processinfo'))
requireOfTap('process-on-spawn').removeAllListeners()

// Each server that a test starts would start a thread for the models per core, and each thread loads them anew.
process.env.MODEL_WORKERS ??= '1'

// Each process would read these certificates, and nobody on the internet is asked anything.
delete process.env.NODE_EXTRA_CA_CERTS
