import { InferenceSession, Tensor } from 'onnxruntime-node'
import t from 'tap'
import { LABELS } from '#src/models/basic/labels.js'
import type { Caption } from '#src/models/pack.js'
import { findWords, normalise } from '#src/models/text/find-words.js'
import { findLemma } from '#src/models/text/lemma.js'
import { openWordModel, type WordBatch } from '#src/models/text/word-encoder.js'
import { CLOSER_THAN, KINDS } from './fixtures/word-expectations.ts'

const words = await openWordModel()
const session = await InferenceSession.create(words.graphPath)
t.teardown(() => session.release())

async function embed(batch: WordBatch | undefined): Promise<Float32Array[]> {
  if (batch === undefined) return []
  const dims = [batch.rows, batch.columns]
  const { vectors } = await session.run({
    ids: new Tensor('int64', batch.ids, dims),
    weights: new Tensor('float32', batch.weights, dims),
  })
  if (!(vectors?.data instanceof Float32Array)) throw new TypeError('Expected floats')
  const { data } = vectors
  return Array.from({ length: batch.rows }, (_, row) =>
    data.slice(row * words.dimensions, (row + 1) * words.dimensions),
  )
}

const caption = (text: string, labels: readonly string[] = [], ocrText = ''): Caption => ({
  text,
  ocrText,
  objects: labels.map((label) => ({ label, score: 1, box: [0, 0, 1, 1] })),
})

async function embedQuery(text: string): Promise<Float32Array> {
  const [vector] = await embed(words.tokenizeQuery(text))
  if (vector === undefined) throw new Error(`No word of "${text}" is known`)
  return vector
}

const cosine = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

const labelVectors = await embed(words.tokenizeDescription(caption('', LABELS)))

async function rankLabels(query: string): Promise<{ label: string; score: number }[]> {
  const vector = await embedQuery(query)
  return LABELS.map((label, index) => ({
    label,
    score: cosine(vector, labelVectors[index] ?? new Float32Array()),
  })).sort((a, b) => b.score - a.score)
}

t.test('a word is nearer to its like than to another thing', async (t) => {
  for (const [word, near, far] of CLOSER_THAN) {
    const vector = await embedQuery(word)
    const [toNear, toFar] = [cosine(vector, await embedQuery(near)), cosine(vector, await embedQuery(far))]
    t.ok(toNear > toFar, `${word}: ${near} ${toNear.toFixed(2)}, ${far} ${toFar.toFixed(2)}`)
  }
})

t.test('synonyms have nearly the same vector', async (t) => {
  for (const [one, other] of [
    ['couch', 'sofa'],
    ['car', 'automobile'],
    ['airplane', 'aeroplane'],
    ['tv', 'television set'],
    ['donut', 'doughnut'],
  ] as const) {
    const score = cosine(await embedQuery(one), await embedQuery(other))
    t.ok(score > 0.85, `${one}, ${other}: ${score.toFixed(2)}`)
  }
})

t.test('every label comes first for its own name, the computer mouse too', async (t) => {
  for (const label of LABELS) t.equal((await rankLabels(label))[0]?.label, label)
})

t.test('a kind of thing finds the things of that kind', async (t) => {
  let sum = 0
  for (const [query, wanted] of KINDS) {
    const ranked = await rankLabels(query)
    const precision = averagePrecision(
      ranked.map(({ label }) => label),
      wanted,
    )
    sum += precision
    const shown = ranked.slice(0, wanted.length + 2).map(({ label, score }) => `${label} ${score.toFixed(2)}`)
    t.comment(`${precision.toFixed(2)} ${query}: ${shown.join(', ')}`)
  }
  const mean = sum / KINDS.length
  t.ok(mean > 0.85, `mean average precision over ${KINDS.length} queries: ${mean.toFixed(3)}`)
})

function averagePrecision(ranked: readonly string[], wanted: readonly string[]): number {
  const places = wanted.map((label) => ranked.indexOf(label) + 1).sort((a, b) => a - b)
  return places.reduce((sum, place, index) => sum + (index + 1) / place, 0) / wanted.length
}

t.test('vectors have length 1', async (t) => {
  for (const vector of [...labelVectors, await embedQuery('an old man reads in the garden')]) {
    t.equal(vector.length, words.dimensions)
    t.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5)
  }
})

t.test('a query with no known word has no vector', async (t) => {
  for (const text of ['', '   ', 'the of and', 'qwrtzp', '☃', '日本語']) t.equal(words.tokenizeQuery(text), undefined)
})

t.test('a query is read without regard to case, accents, hyphens, inflection and filler words', async (t) => {
  const dog = words.tokenizeQuery('dog')
  for (const text of ['Dogs', 'the DOG', 'show me photos of my dogs!', "the dog's", 'zzyzx dog']) {
    t.same(words.tokenizeQuery(text), dog, text)
  }
  t.same(words.tokenizeQuery('people'), words.tokenizeQuery('a person'))
  t.same(words.tokenizeQuery('Cafés'), words.tokenizeQuery('cafe'))
  t.same(words.tokenizeQuery('teddy-bear'), words.tokenizeQuery('teddy bears'))
})

t.test('a word that says much weighs more than one that says little', async (t) => {
  const batch = words.tokenizeQuery('very small giraffe')
  const [small = 0, giraffe = 0] = batch?.weights ?? []
  t.ok(giraffe > 1.5 * small, `${giraffe}, ${small}`)
})

t.test('the longest entry wins', async (t) => {
  const known = new Set(['hot', 'dog', 'hot dog', 'wine', 'glass', 'wine glass', 'stand'])
  const find = (text: string) => findWords(text, (word) => known.has(word))
  t.same(find('Two hot dogs and a hot stand'), ['hot dog', 'hot', 'stand'])
  t.same(find('wine-glasses, wine'), ['wine glass', 'wine'])
  t.equal(normalise("Crème brûlée — it's 5 o'clock"), 'creme brulee its 5 oclock')
})

t.test('inflected forms lead to their lemma', async (t) => {
  const pairs =
    'children child, mice mouse, knives knife, puppies puppy, buses bus, glasses glass, potatoes potato, wolves wolf, ' +
    'firemen fireman, running run, riding ride, biggest big, happier happy, stopped stop, ate eat, horses horse, skis ski'
  for (const pair of pairs.split(', ')) {
    const [form = '', lemma = ''] = pair.split(' ')
    t.equal(
      findLemma(form, (word) => word === lemma),
      lemma,
      pair,
    )
  }
  t.equal(
    findLemma('glasses', () => true),
    'glasses',
  )
  t.equal(
    findLemma('xyz', () => false),
    undefined,
  )
})

t.test('a description has a vector for each distinct thing, and one for the whole', async (t) => {
  const described = caption('Two dogs and a computer mouse.', ['dog', 'dog', 'mouse'])
  const vectors = await embed(words.tokenizeDescription(described))
  t.equal(vectors.length, 3)
  const [dog, mouse] = vectors
  t.same(dog, labelVectors[LABELS.indexOf('dog')])
  t.same(mouse, labelVectors[LABELS.indexOf('mouse')])
  t.equal(words.tokenizeDescription(caption('')), undefined)
  t.equal(words.tokenizeDescription(caption('A sunny beach.'))?.rows, 1, 'sentences without objects count too')
  t.equal(words.tokenizeDescription(caption('', ['dog']))?.rows, 1)
})

t.test('printed text weighs little, also where the caption quotes it, and a page of it is cut', async (t) => {
  const quoted = words.tokenizeDescription(caption('A picture with the text "giraffe".', [], 'giraffe'))
  const seen = words.tokenizeDescription(caption('A giraffe.'))
  t.equal(quoted?.columns, 1)
  t.ok((quoted?.weights[0] ?? 1) < 0.5 * (seen?.weights[0] ?? 0))
  const page = words.tokenizeDescription(caption('A dog.', ['dog'], 'zebra '.repeat(5000)))
  t.equal(page?.columns, 60)
})

t.test('the fingerprint names the space, and is the same at each opening', async (t) => {
  t.match(words.fingerprint, /^wordnet-128-v\d+-[0-9a-f]{12}$/)
  t.equal((await openWordModel()).fingerprint, words.fingerprint)
})
