/** The main job, over HTTP. */
import '../main-job.test.ts'
import '../page.test.ts'
import '../http.test.ts'
