/** What is kept, listed and shared. */
import '../library.test.ts'
import '../library-sharing.test.ts'
import '../library-lists.test.ts'
