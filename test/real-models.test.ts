import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import { auditDescription } from '#src/models/audit.js'
import { openInstalledPack } from '#src/models/installed-pack.js'
import { readInstalled } from '#src/models/store/installed.js'
import { openTokenizer, tokenize } from '#src/models/tokenizer.js'
import { loadPicture, PICTURES } from './helpers/models-pictures.ts'

/**
 * What can only be known of real weights. MODELS_DIR is the folder of installed packs of a data folder (`<data>/models`); without it
 * nothing here runs.
 */
const { MODELS_DIR } = process.env
const skip = MODELS_DIR === undefined && 'MODELS_DIR is not set'

const SUBJECTS = {
  boats: 'boats in a harbour',
  mountains: 'snow on mountains',
  airplane: 'an airplane on the ground',
  menu: 'a screenshot of a settings menu',
} as const
type Subject = keyof typeof SUBJECTS
const subjects = Object.keys(SUBJECTS) as Subject[]

const cosine = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

t.test('real models', { skip }, async (t) => {
  const root = resolve(MODELS_DIR ?? '')
  for (const name of await readdir(root)) {
    const installed = await readInstalled(dirname(root), name)
    if (!installed) continue
    const { directory, manifest } = installed

    t.test(`the pack ${name}`, { timeout: 600_000 }, async (t) => {
      const pack = await openInstalledPack(installed, { modelWorkers: 1 })
      t.teardown(() => pack.close())
      await pack.warm()
      const { imageEncoder, textEncoder, captioner } = pack
      const pictures = new Map<Subject, Float32Array>()
      for (const subject of subjects)
        pictures.set(subject, await imageEncoder.embed(await loadPicture(PICTURES[subject])))

      t.test('finds each picture first by what it shows, and above the floor', async (t) => {
        t.ok([512, 768, 1024, 1152, 1536].includes(imageEncoder.dimensions), `${imageEncoder.dimensions} dimensions`)
        for (const subject of subjects) {
          const query = await textEncoder.embedQuery(`a photo of ${SUBJECTS[subject]}`)
          const rated = [...pictures].map(([other, vector]) => ({ other, score: query ? cosine(query, vector) : 0 }))
          const [best] = rated.sort((one, two) => two.score - one.score)
          t.equal(best?.other, subject)
          t.ok((best?.score ?? 0) > imageEncoder.relevanceFloor, JSON.stringify(rated))
        }
      })

      t.test('tells descriptions of other things apart', async (t) => {
        const vectors = await Promise.all(subjects.map((subject) => textEncoder.embedQuery(SUBJECTS[subject])))
        const [first, ...others] = vectors
        const alike = await textEncoder.embedQuery('Several boats lie in the harbour.')
        if (!first || !alike) throw new Error('There are no vectors.')
        const unlike = Math.max(...others.map((other) => (other ? cosine(first, other) : 0)))
        t.ok(cosine(first, alike) > unlike)
        t.comment(`alike ${cosine(first, alike).toFixed(3)}, unlike at most ${unlike.toFixed(3)}`)
        t.ok(unlike < textEncoder.relevanceFloor, 'other things are below the floor')
        t.ok(cosine(first, alike) > textEncoder.relevanceFloor, 'the same thing in other words is above it')
      })

      t.test('has the same vector for capital letters', async (t) => {
        const [small, capital] = await Promise.all([textEncoder.embedQuery('a dog'), textEncoder.embedQuery('A DOG')])
        t.ok(small && capital && cosine(small, capital) > 0.9999)
      })

      t.test('writes captions that nothing can be objected to', async (t) => {
        for (const subject of subjects) {
          const startedMs = performance.now()
          const { text: caption } = await captioner.describe(await loadPicture(PICTURES[subject]))
          t.comment(`${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${caption}`)
          t.ok(auditDescription(caption) >= 80, caption)
        }
      })

      if (manifest.encoders.kind === 'clip') {
        t.test('has the known tokens of CLIP', async (t) => {
          const tokenizer = await openTokenizer(join(directory, manifest.encoders.source))
          const rules = { max: 77, lowercase: false }
          t.same(tokenize(tokenizer, 'hello world', rules).tokens, [49406, 3306, 1002, 49407])
          t.same(tokenize(tokenizer, 'how are you doing?', rules).tokens, [49406, 829, 631, 592, 1960, 286, 49407])
        })
      }
    })
  }
})
