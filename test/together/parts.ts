/** Small parts. The last one looks at the memory of the process. */
import '../architecture.test.ts'
import '../data-lock.test.ts'
import '../pieces.test.ts'
import '../token-secret.test.ts'
import '../storage.test.ts'
