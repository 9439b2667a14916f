/** The page in a browser. */
import '../page/browser.test.ts'
import '../page/interruptions.test.ts'
import '../page/scrolling.test.ts'
