/** Servers that are killed and started again. */
import '../recovery.test.ts'
import '../database-crash.test.ts'
import '../chaos-faults.test.ts'
