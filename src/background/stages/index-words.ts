import type { Stage } from '../stage.ts'

/** Gathers the words the upload will be found by. The name is split where people put signs instead of spaces. */
export const indexWords: Stage = {
  name: 'index',
  status: 'embedding',
  shows: 'indexing',
  async run({ upload }) {
    const words = {
      description: upload.description ?? '',
      ocrText: upload.ocrText ?? '',
      name: upload.filename.replace(/[^\p{L}\p{N}]+/gu, ' ').trim(),
      camera: upload.camera ?? '',
    }
    return { outcome: 'done', words }
  },
}
