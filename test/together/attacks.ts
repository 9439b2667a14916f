/** What strangers try. */
import '../access.test.ts'
import '../hostile.test.ts'
