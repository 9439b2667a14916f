/** The page in a browser. */
import '../page/browser.test.ts'
