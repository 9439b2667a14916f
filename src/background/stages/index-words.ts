import { toSearchWords } from '../../db/search-words.ts'
import type { Stage } from '../stage.ts'

/** Gathers the words the upload will be found by. */
export const indexWords: Stage = {
  name: 'index',
  status: 'embedding',
  shows: 'indexing',
  async run({ upload }) {
    return { outcome: 'done', words: toSearchWords(upload) }
  },
}
