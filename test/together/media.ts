/** Pictures and videos. The last one looks at the memory of the process. */
import '../media/videos.test.ts'
import '../media/images.test.ts'
import '../media/identify.test.ts'
