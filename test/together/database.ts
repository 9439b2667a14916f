/** The database and the accounts in it. */
import '../accounts.test.ts'
import '../lost-answers.test.ts'
import '../migrate.test.ts'
import '../database.test.ts'
import '../database-server.test.ts'
