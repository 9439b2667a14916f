/** Models and packs of them. */
import '../models.test.ts'
import '../model-packs.test.ts'
import '../model-hub.test.ts'
import '../model-parts.test.ts'
import '../generation.test.ts'
import '../real-models.test.ts'
