import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { AppError } from '#src/errors.js'
import { createInference } from '#src/models/basic/inference.js'
import { EMBEDDER_SIDE } from '#src/models/basic/preprocessing.js'
import { writePictureCaption } from '#src/models/basic/sentence.js'
import { openModelPack } from '#src/models/pack-registry.js'
import { loadPicture, PICTURES, thing } from './helpers/models-pictures.ts'

const options = { modelWorkers: 2, dataDir: 'nowhere' }
const cosine = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

t.test('the basic pack', async (t) => {
  const pack = await openModelPack('basic', options)
  t.teardown(() => pack.close())
  await pack.warm()
  const { captioner, imageEncoder, textEncoder } = pack

  t.test('names and counts what it sees', async (t) => {
    const two = await captioner.describe(await loadPicture(PICTURES.twoPeople))
    t.equal(two.text, 'Two people.')
    t.ok(two.objects.every(({ score, box }) => score >= 0.5 && box.every((edge) => edge >= 0 && edge <= 1)))
    const [man, woman] = [...two.objects].sort((one, other) => other.box[0] - one.box[0])
    t.ok(man && woman && man.box[0] > 0.55 && woman.box[2] < 0.35, 'the boxes are where the people are')

    const many = await captioner.describe(await loadPicture(PICTURES.faces))
    t.match(many.text, /^Six people\. The text reads "/, 'five large faces, and one of the small people above them')
    t.match(many.ocrText, /EMOTION/)
  })

  t.test('says "perhaps" of what it is not certain of', async (t) => {
    const { text, objects } = await captioner.describe(await loadPicture(PICTURES.boats))
    t.equal(text, 'A picture, perhaps of a person and a boat.')
    t.ok(objects.every(({ score }) => score >= 0.4 && score < 0.5))
  })

  t.test('says so little when it can name nothing', async (t) => {
    const caption = await captioner.describe(await loadPicture(PICTURES.mountains))
    t.same(caption, { text: 'A picture.', ocrText: '', objects: [] })
  })

  t.test('reads printed text line by line', async (t) => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    t.teardown(() => process.off('warning', onWarning))
    const { signal } = new AbortController()
    const { text, ocrText } = await captioner.describe(await loadPicture(PICTURES.menu), { signal })
    t.same(warnings, [], 'however many lines wait under one signal')
    t.equal(getEventListeners(signal, 'abort').length, 0)
    const lines = ocrText.split('\n')
    for (const line of ['FACE MESH', 'OBJECT DETECTION', 'BRIGHTNESS', 'CAMERA FACING'])
      t.ok(lines.includes(line), line)
    t.match(text, /^A picture with the text "DISPLAY /)
  })

  t.test('gives altered copies nearly the same vector, and other pictures another', async (t) => {
    const original = await imageEncoder.embed(await loadPicture(PICTURES.boats))
    const halved = await loadPicture(PICTURES.boats, (picture) => picture.resize({ width: 512 }))
    const squeezed = await loadPicture(PICTURES.boats, (picture) => picture.jpeg({ quality: 30 }))
    const mirrored = await loadPicture(PICTURES.boats, (picture) => picture.flop())
    for (const copy of [halved, squeezed, mirrored]) t.ok(cosine(original, await imageEncoder.embed(copy)) > 0.95)
    for (const other of [PICTURES.canyon, PICTURES.menu, PICTURES.airplane]) {
      t.ok(cosine(original, await imageEncoder.embed(await loadPicture(other))) < 0.9)
    }
    t.equal(original.length, imageEncoder.dimensions)
    t.ok(Math.abs(cosine(original, original) - 1) < 1e-5, 'of length 1')
  })

  t.test('gives the same vector for the same picture, and leaves the pixels alone', async (t) => {
    const picture = await loadPicture(PICTURES.canyon)
    const before = Buffer.from(picture.data)
    const [one, other] = await Promise.all([imageEncoder.embed(picture), imageEncoder.embed(picture)])
    t.same(one, other)
    t.ok(before.equals(picture.data))
  })

  t.test('takes a picture of one pixel', async (t) => {
    const dot = { data: Uint8Array.of(255, 0, 0), width: 1, height: 1 }
    t.equal((await captioner.describe(dot)).text, 'A picture.')
    t.ok((await imageEncoder.embed(dot)).every(Number.isFinite))
  })

  t.test('finds descriptions by the meaning of a query', async (t) => {
    const animal = await textEncoder.embedQuery('animal')
    const [dog] = await textEncoder.embedDescription(writePictureCaption([thing('dog')], ''))
    const [car] = await textEncoder.embedDescription(writePictureCaption([thing('car')], ''))
    t.ok(animal && dog && car && cosine(animal, dog) > textEncoder.relevanceFloor)
    t.ok(animal && dog && car && cosine(animal, car) < textEncoder.relevanceFloor)
    t.equal(await textEncoder.embedQuery('xqzt'), undefined)
  })

  t.test('names its vectors after weights and preprocessing', async (t) => {
    t.match(captioner.fingerprint, /^basic-caption-2-[0-9a-f]{12}$/)
    t.match(imageEncoder.fingerprint, /^basic-picture-1-[0-9a-f]{12}$/)
    t.not(imageEncoder.fingerprint, textEncoder.fingerprint)
    t.equal(pack.sharesSpace, false)
  })

  t.test('refuses work once it is closed, and can be closed twice', async (t) => {
    await Promise.all([pack.close(), pack.close()])
    await t.rejects(captioner.describe(await loadPicture(PICTURES.boats)), { code: 'NOT_READY' })
  })
})

t.test('a pack that is not installed is refused with what to do about it', async (t) => {
  await t.rejects(openModelPack('grand', options), {
    code: 'MODEL_PACK_NOT_INSTALLED',
    message: /models -- pull grand/,
  })
})

t.test('the workers', async (t) => {
  t.test('report a failed model with what happened as its cause, and go on', async (t) => {
    const inference = createInference(1)
    t.teardown(() => inference.close())
    const broken = inference.run('embedPicture', { data: new Uint8Array(3), width: 1, height: 1 })
    const error = await broken.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    t.ok(error instanceof AppError && error.code === 'MODEL_FAILED' && error.cause instanceof Error)
    const side = EMBEDDER_SIDE
    const vector = await inference.run('embedPicture', {
      data: new Uint8Array(side * side * 3),
      width: side,
      height: side,
    })
    t.equal(vector.length, 120)
  })

  t.test('drain when they are closed while they run, and the process ends well', async (t) => {
    const program = fileURLToPath(new URL('./helpers/models-closing.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program])
    const outcomes: string[] = JSON.parse(stdout)
    t.same(outcomes.slice(0, 2), ['done', 'done'])
    t.ok(outcomes.slice(2).every((outcome) => outcome.startsWith('The server is starting or stopping')))
  })
})
