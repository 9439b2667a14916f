/**
 * A program that is told to stop while its models run. Ending a busy worker would abort the process (exit 134);
 * this one must print what it learnt and end by itself.
 */

import { toError } from '#src/errors.js'
import { createInference } from '#src/models/basic/inference.js'
import { EMBEDDER_SIDE } from '#src/models/basic/preprocessing.js'

const picture = () => ({
  data: new Uint8Array(EMBEDDER_SIDE * EMBEDDER_SIDE * 3),
  width: EMBEDDER_SIDE,
  height: EMBEDDER_SIDE,
})
const inference = createInference(2)
const runs = Array.from({ length: 6 }, () => inference.run('embedPicture', picture()))
const outcomes = Promise.all(
  runs.map((run) =>
    run.then(
      () => 'done',
      (thrown: unknown) => toError(thrown).message,
    ),
  ),
)
await inference.close()
console.log(JSON.stringify(await outcomes))
process.exit(0)
