/** Search, and what it stands on. */
import '../search.test.ts'
import '../words.test.ts'
import '../query-language.test.ts'
