import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { toError } from '#src/errors.js'
import { createInference } from '#src/models/basic/inference.js'
import { openTokenChannel } from '#src/models/captioning/token-channel.js'
import { openInstalledPack } from '#src/models/installed-pack.js'
import type { PackManifest } from '#src/models/manifest.js'
import { toPlanes } from '#src/models/normalisation.js'
import type { ModelPack, PixelImage } from '#src/models/pack.js'
import { openPackFiles } from '#src/models/pack-files.js'
import { preparePicture, readPictureInput, scaleToEdge } from '#src/models/picture-input.js'
import { resizeAndCrop } from '#src/models/pixels.js'
import { findRepeats } from '#src/models/repeated-frames.js'
import { countSessions, openSession, releaseUnused } from '#src/models/session-cache.js'
import { openTokenizer, tokenize } from '#src/models/tokenizer.js'
import { loadPicture, PICTURES } from './helpers/models-pictures.ts'
import { BRIGHT, DARK, plainPicture } from './helpers/plain-pictures.ts'
import { TINY_CAPTIONS, type TinyPackOptions, writeTinyPack } from './helpers/tiny-packs.ts'

const cosine = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

/** A pack in a folder of its own, open until the test ends. */
async function open(t: Test, options: TinyPackOptions = {}, modelWorkers = 1): Promise<ModelPack> {
  const pack = await openInstalledPack(await writeTinyPack(t.testdir({}), options), { modelWorkers })
  t.teardown(() => pack.close())
  return pack
}

t.test('pictures are brought to the size of a model as Pillow does it', async (t) => {
  const golden: Record<'clip' | 'squashBicubic' | 'squashBilinear', number[]> & { width: number; height: number } =
    JSON.parse(readFileSync(new URL('./fixtures/resized-by-pillow.json', import.meta.url), 'utf8'))
  const { width, height } = golden
  // The picture that Pillow was given: a texture of whole numbers, the same in every language.
  const data = new Uint8Array(width * height * 3)
  for (let index = 0; index < data.length; index++) {
    const channel = index % 3
    const x = Math.floor(index / 3) % width
    const y = Math.floor(index / 3 / width)
    const isFine = (Math.floor(x / 12) + Math.floor(y / 9)) % 3 === 0
    data[index] =
      (isFine ? (x * 7 + y * 13 + channel * 50) ^ Math.floor((x * y) / 3) : x * 2 + y * 3 + channel * 40) % 256
  }
  const picture = { data, width, height }
  const side = 16
  const edge = scaleToEdge(picture, side)
  t.same(edge, { width: 25, height: 16 }, 'the longer side is rounded down')
  const square = { width: side, height: side }
  const ours = {
    clip: await resizeAndCrop(picture, { ...edge, kernel: 'cubic', crop: square }),
    squashBicubic: await resizeAndCrop(picture, { ...square, kernel: 'cubic' }),
    squashBilinear: await resizeAndCrop(picture, { ...square, kernel: 'linear' }),
  }
  for (const name of ['clip', 'squashBicubic', 'squashBilinear'] as const) {
    const distances = golden[name].map((value, index) => Math.abs(value - (ours[name].data[index] ?? 0)))
    const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length
    t.equal(ours[name].data.length, golden[name].length)
    t.ok(mean < 1.5, `${name} differs by ${mean.toFixed(2)} of 255`)
  }
})

t.test('a model says how it wants its pictures', async (t) => {
  const folder = t.testdir({ m: {} })
  const files = openPackFiles({ manifest: await manifestOf(t), directory: folder, files: [] })
  const read = async (config: object, side?: number) => {
    await writeFile(join(folder, 'm', 'preprocessor_config.json'), JSON.stringify(config))
    return readPictureInput(files, 'm', side)
  }
  const clip = { size: { shortest_edge: 224 }, crop_size: { height: 224, width: 224 }, do_center_crop: true }
  t.match(await read(clip), { resize: { edge: 224 }, crop: { width: 224, height: 224 }, kernel: 'cubic' })
  t.match(await read({ size: 224, crop_size: 224, do_center_crop: true, resample: 2 }), {
    resize: { edge: 224 },
    crop: { width: 224, height: 224 },
    kernel: 'linear',
  })
  t.match(await read({ size: 384, resample: 0 }), {
    resize: { width: 384, height: 384 },
    crop: undefined,
    kernel: 'nearest',
  })
  t.match(await read({ size: { height: 20, width: 30 }, crop_size: { height: 9, width: 9 }, do_center_crop: null }), {
    resize: { width: 30, height: 20 },
    crop: undefined,
  })
  t.match(await read(clip, 384), { resize: { width: 384, height: 384 }, crop: undefined })
  t.match(await read({ do_resize: false }), { resize: undefined })
  t.match(await read({ ...clip, do_normalize: false, do_rescale: false, image_mean: [1, 1, 1] }), {
    normalisation: { factor: 1, mean: [0, 0, 0], deviation: [1, 1, 1] },
  })
  await t.rejects(read({ ...clip, resample: 5 }), { code: 'MODEL_FAILED', message: /unknown filter 5/ })
  await t.rejects(read({ size: { longest_edge: 5 } }), { code: 'MODEL_FAILED', message: /preprocessor_config/ })
  await t.rejects(preparePicture(DARK, await read({ ...clip, size: { shortest_edge: 100 } })), {
    message: '224x224 pixels cannot be cut out of 133x100.',
  })

  const normalisation = { factor: 1 / 255, mean: [0.5, 0, 0.25], deviation: [0.5, 1, 0.5] }
  const planes = toPlanes({ data: Uint8Array.of(0, 51, 255, 255, 0, 0), width: 2, height: 1 }, normalisation)
  t.same(planes, Float32Array.of(-1, 1, 0.2, 0, 1.5, -0.5), 'one plane of each colour')
})

t.test('texts become the tokens that the model knows', async (t) => {
  const folder = t.testdir({})
  await writeTinyPack(folder, { kind: 'clip' })
  const clip = await openTokenizer(join(folder, 'clip'))
  const rules = { max: 77, lowercase: false }
  t.same(tokenize(clip, 'hello world', rules).tokens, [49406, 3306, 1002, 49407], 'the ids of the real vocabulary')
  t.same(tokenize(clip, ' Hello\n WORLD ', rules).tokens, [49406, 3306, 1002, 49407])
  const long = tokenize(clip, 'red '.repeat(200), rules).tokens
  t.equal(long.length, 77)
  t.equal(long.at(-1), 49407, 'a text that is cut keeps its end')

  await writeTinyPack(folder, { kind: 'siglip' })
  const siglip = await openTokenizer(join(folder, 'siglip'))
  const padded = { max: 64, padTo: 64, padId: 0, lowercase: true }
  const { tokens, textLength } = tokenize(siglip, 'RED', padded)
  t.same(tokens, [...siglip.encode('red'), ...Array(64 - textLength).fill(0)])
  t.equal(tokens[textLength - 1], 1, 'the end token comes before the padding')
  const cut = tokenize(siglip, 'red '.repeat(200), padded)
  t.same([cut.tokens.length, cut.textLength, cut.tokens.at(-1)], [64, 64, 1])
})

const packs: (TinyPackOptions & Required<Pick<TinyPackOptions, 'kind' | 'captioner'>>)[] = [
  { kind: 'clip', captioner: 'vit-gpt2' },
  { kind: 'siglip', captioner: 'florence-2', reads: true, beams: 3, cacheType: 'float16', layers: 3, heads: 1 },
]
for (const options of packs) {
  const { kind, captioner: writer, reads } = options
  t.test(`a pack of ${kind} and ${writer}`, async (t) => {
    const pack = await open(t, options)
    await Promise.all([pack.warm(), pack.warm()])
    const { imageEncoder, textEncoder, captioner } = pack
    const readText = reads ? 'a cat sleeps on a mat' : ''

    t.test('finds pictures by words, and descriptions by words', async (t) => {
      const red = await imageEncoder.embed(plainPicture([250, 10, 10]))
      const green = await imageEncoder.embed(plainPicture([10, 250, 10]))
      const query = await textEncoder.embedQuery('a Red photo')
      const [description] = await textEncoder.embedDescription({ text: 'Red.', ocrText: '', objects: [] })
      if (!query || !description) throw new Error('There are no vectors.')
      t.ok(cosine(query, red) > imageEncoder.relevanceFloor)
      t.ok(cosine(query, green) < imageEncoder.relevanceFloor)
      t.ok(cosine(query, description) > textEncoder.relevanceFloor)
      for (const vector of [red, query, description]) {
        t.equal(vector.length, imageEncoder.dimensions)
        t.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5, 'of length 1')
      }
      t.equal(textEncoder.dimensions, imageEncoder.dimensions)
      t.equal(pack.sharesSpace, true)
    })

    t.test('has no vector for nothing, and one for a very long text', async (t) => {
      t.equal(await textEncoder.embedQuery('  '), undefined)
      t.same(await textEncoder.embedDescription({ text: '', ocrText: '', objects: [] }), [])
      t.ok(await textEncoder.embedQuery('red '.repeat(5000)))
    })

    t.test('sees the middle of a wide picture (CLIP), or all of it (SigLIP)', async (t) => {
      const wide = plainPicture([10, 250, 10], 90, 30)
      for (let index = 0; index < wide.data.length; index++) {
        const x = Math.floor(index / 3) % 90
        if (x >= 30 && x < 60) wide.data[index] = index % 3 === 0 ? 250 : 10
      }
      const query = await textEncoder.embedQuery('red')
      const vector = await imageEncoder.embed(wide)
      t.equal(query && cosine(query, vector) > 0.9, kind === 'clip')
    })

    t.test('writes captions, and tells how far it is', async (t) => {
      t.same(await captioner.describe(DARK), { text: TINY_CAPTIONS.dark, ocrText: readText, objects: [] })
      const counts: number[] = []
      const onToken = (count: number, most: number) => counts.push(count <= most ? count : Number.NaN)
      t.equal((await captioner.describe(BRIGHT, { onToken })).text, TINY_CAPTIONS.bright)
      t.same(
        counts,
        [...counts].sort((one, other) => one - other),
      )
      t.ok(counts.length > 5, 'token by token')
      const frames = Object.values(TINY_CAPTIONS).map((text, index) => ({
        timeMs: index * 1000,
        caption: { text, ocrText: '', objects: [] },
      }))
      t.equal(
        captioner.combine(frames).text,
        'A video. First, a cat sleeps on a mat; finally, two dogs run over the bright beach.',
      )
    })

    if (!reads) {
      t.test('reads text as the basic pack does', async (t) => {
        const { ocrText } = await captioner.describe(await loadPicture(PICTURES.menu))
        t.ok(ocrText.split('\n').includes('FACE MESH'))
      })
    }

    t.test('gives up a caption that nobody waits for, and writes the next', async (t) => {
      const reasonOf = (caption: Promise<unknown>) => caption.catch((reason: unknown) => reason)
      // A caption of seven tokens may be written before this thread hears of the first.
      const giveUp = async (): Promise<{ stop: AbortController; told: number[] }> => {
        const stop = new AbortController()
        const told: number[] = []
        const onToken = (count: number) => {
          told.push(count)
          stop.abort('stopping')
        }
        const reason = await reasonOf(captioner.describe(DARK, { signal: stop.signal, onToken }))
        return reason === 'stopping' ? { stop, told } : giveUp()
      }
      const { stop, told } = await giveUp()
      t.equal((await captioner.describe(DARK)).text, TINY_CAPTIONS.dark)
      t.equal(told.length, 1, 'nothing is told afterwards')
      t.equal(await reasonOf(captioner.describe(DARK, { signal: stop.signal })), 'stopping')
    })

    t.test('answers a query while captions are written', async (t) => {
      let written = 0
      const captions = Array.from({ length: 10 }, async () => {
        await captioner.describe(DARK)
        written++
      })
      await textEncoder.embedQuery('red', { priority: 'query' })
      t.ok(written < 5, `after ${written} of 10`)
      await Promise.all(captions)
    })

    t.test('finishes what runs when it is closed, and refuses the rest', async (t) => {
      const outcomes = Array.from({ length: 4 }, () =>
        captioner.describe(DARK).then(
          ({ text }) => text,
          (thrown: unknown) => thrown,
        ),
      )
      const first = await Promise.race(outcomes)
      await pack.close()
      t.equal(first, TINY_CAPTIONS.dark)
      for (const outcome of await Promise.all(outcomes)) {
        if (outcome !== TINY_CAPTIONS.dark) t.match(outcome, { code: 'NOT_READY' })
      }
      await t.rejects(captioner.describe(DARK), { code: 'NOT_READY' })
      await t.rejects(textEncoder.embedQuery('red'), { code: 'NOT_READY' })
      await pack.close()
    })
  })
}

t.test('fingerprints change with weights, numbers and nothing else', async (t) => {
  const folder = t.testdir({})
  const installed = await writeTinyPack(folder)
  const prints = async (files = installed.files) => {
    const { imageEncoder, textEncoder, close } = await openInstalledPack({ ...installed, files }, { modelWorkers: 1 })
    await close()
    return { picture: imageEncoder.fingerprint, text: textEncoder.fingerprint }
  }
  const graph = 'onnx/vision_model.onnx'
  const hash = (files = installed.files) => openPackFiles({ ...installed, files }).hashGraph('clip', graph)
  const before = await prints()
  t.match(before, { picture: /^clip-picture-1-[0-9a-f]{12}$/, text: /^clip-text-1-[0-9a-f]{12}$/ })

  const content = await readFile(join(folder, 'clip', graph))
  const known = createHash('sha256').update(content).digest('hex')
  t.equal(hash(), known, 'that of the file')
  const weights = { source: 'clip', path: `${graph}_data`, bytes: 7, sha256: '0'.repeat(64) }
  t.equal(hash([weights, ...installed.files]), `${known},${'0'.repeat(64)}`, 'weights beside the graph count too')
  t.throws(() => hash([]), { code: 'MODEL_FAILED' })
  const other = installed.files.map((file) => (file.path === graph ? { ...file, sha256: '1'.repeat(64) } : file))
  t.not((await prints(other)).picture, before.picture, 'other weights are another space')

  const config = join(folder, 'clip', 'preprocessor_config.json')
  await writeFile(config, (await readFile(config, 'utf8')).replace('"resample":3', '"resample":2'))
  const resampled = await prints()
  t.not(resampled.picture, before.picture)
  t.equal(resampled.text, before.text)
})

t.test('a text that nobody waits for any more ends between two tokens', async (t) => {
  const folder = t.testdir({})
  await writeTinyPack(folder, { captioner: 'vit-gpt2' })
  const inference = createInference(1)
  t.teardown(() => inference.close())
  const counts: number[] = []
  const channel = openTokenChannel({
    onToken: (count) => {
      counts.push(count)
      if (count === 2) channel.close()
    },
  })
  const graph = (name: string) => ({ path: join(folder, 'captioner', 'onnx', name), threads: 1 })
  const task = {
    image: plainPicture([20, 20, 20], 16, 16),
    normalisation: { factor: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
    tokenizer: join(folder, 'captioner'),
    port: channel.port,
    graphs: { encoder: graph('encoder_model.onnx'), decoder: graph('decoder_model_merged.onnx') },
    // No end token: it would go on for 30 tokens.
    generation: {
      startToken: 1,
      endTokens: [],
      forcedFirst: undefined,
      forcedLast: [],
      maxLength: 30,
      minLength: 0,
      noRepeatNgram: 0,
      badWords: [],
      beams: 1,
      lengthPenalty: 1,
      earlyStopping: false,
    },
  }
  const failure = await inference.run('writeSentence', task, { transfer: [channel.port] }).catch(toError)
  t.match(failure, { code: 'MODEL_FAILED', cause: { message: 'Nobody waits for this text any more.' } })
  // A few more may have been written before the worker heard of it; the text was not finished.
  t.same(counts.slice(0, 3), [0, 1, 2])
})

t.test('a pack that is broken cannot be opened', async (t) => {
  const folder = t.testdir({})
  const installed = await writeTinyPack(folder, { captioner: 'vit-gpt2' })
  const opening = () => openInstalledPack(installed, { modelWorkers: 1 })
  await writeFile(join(folder, 'captioner', 'config.json'), '{}')
  await t.rejects(opening(), { code: 'MODEL_FAILED', message: /do not say which token a text begins with/ })
  await rm(join(folder, 'clip', 'preprocessor_config.json'))
  await t.rejects(opening(), { code: 'MODEL_FAILED', message: /no preprocessor_config.json/ })
  await writeTinyPack(folder, { captioner: 'vit-gpt2' })
  await writeFile(join(folder, 'clip', 'onnx', 'vision_model.onnx'), 'not a model')
  await t.rejects(opening(), { code: 'MODEL_FAILED' })
})

t.test('frames of a video that show the same again are known', async (t) => {
  const scene = await loadPicture(PICTURES.boats, (picture) => picture.resize({ width: 640 }))
  const noisy = await loadPicture(PICTURES.boats, (picture) => picture.resize({ width: 640 }).jpeg({ quality: 40 }))
  const other = await loadPicture(PICTURES.canyon, (picture) => picture.resize({ width: 640 }))
  const visited: PixelImage = { ...scene, data: Uint8Array.from(scene.data) }
  // Somebody comes into the picture: 4 % of it.
  for (let y = 100; y < 230; y++) visited.data.fill(0, (y * 640 + 300) * 3, (y * 640 + 380) * 3)
  t.same(await findRepeats([scene, noisy, visited, visited, scene, other]), [false, true, false, true, false, false])
  const fading = Array.from({ length: 8 }, (_, step) => plainPicture([step * 10, step * 10, step * 10]))
  t.same(await findRepeats(fading), [false, true, false, true, false, true, false, true], 'a slow change is noticed')
  t.same(await findRepeats([]), [])
})

t.test('sessions that nobody uses are let go', async (t) => {
  const folder = t.testdir({})
  await writeTinyPack(folder, { captioner: 'vit-gpt2' })
  const graph = (name: string) => ({ path: join(folder, name), threads: 2 })
  const minute = 60_000
  await openSession(graph('clip/onnx/vision_model.onnx'))
  await openSession(graph('captioner/onnx/encoder_model.onnx'))
  const nowMs = performance.now()
  await releaseUnused(nowMs + 2 * minute, false)
  t.equal(countSessions(), 2)
  await releaseUnused(nowMs + 2 * minute, true)
  t.equal(countSessions(), 0, 'when memory is short')
  await openSession(graph('clip/onnx/vision_model.onnx'))
  await releaseUnused(nowMs + 20 * minute, false)
  t.equal(countSessions(), 0, 'or after a long time')
  await t.rejects(openSession(graph('nothing.onnx')))
  t.equal(countSessions(), 0)
})

async function manifestOf(t: Test): Promise<PackManifest> {
  return (await writeTinyPack(t.testdir({ pack: {}, m: {} }))).manifest
}
