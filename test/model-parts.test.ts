import { getEventListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t from 'tap'
import { auditDescription } from '#src/models/audit.js'
import { decodeDetections, fromLetterbox } from '#src/models/basic/detection.js'
import { writePictureCaption, writeVideoCaption } from '#src/models/basic/sentence.js'
import { decodeLine, parseAlphabet } from '#src/models/basic/text-lines.js'
import { findTextRegions } from '#src/models/basic/text-regions.js'
import { WEIGHTS } from '#src/models/basic/weights.js'
import { halfToFloat } from '#src/models/onnx/half.js'
import { createGraph } from '#src/models/onnx/writer.js'
import type { DetectedObject } from '#src/models/pack.js'
import { letterboxPixels } from '#src/models/pixels.js'
import { convertGraphModel, IMAGE_INPUT } from '#src/models/tfjs/convert.js'
import { type GraphModel, loadGraphModel } from '#src/models/tfjs/graph-model.js'
import { createWorkQueue } from '#src/models/work-queue.js'
import { createWorkerPool } from '#src/models/worker-pool.js'
import { thing } from './helpers/models-pictures.ts'
import { until } from './helpers/until.ts'

/** Comparing a million numbers one assertion deep takes minutes. */
const sameBytes = (one: NodeJS.TypedArray, other: NodeJS.TypedArray) =>
  Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  )

t.test('sentences', async (t) => {
  const say = (...objects: DetectedObject[]) => writePictureCaption(objects, '').text

  t.test('count, agree in number, and put people first', async (t) => {
    t.equal(say(thing('dog', 0.9), thing('person'), thing('person')), 'Two people and a dog.')
    t.equal(say(thing('airplane')), 'An airplane.')
    t.equal(say(thing('cup', 0.1), thing('cup', 0.1), thing('dining table', 0.8)), 'A dining table and two cups.')
    t.equal(
      say(thing('sheep', 0.5), thing('sheep'), thing('bench', 0.3), thing('bench'), thing('bus')),
      'Two sheep, two benches and a bus.',
    )
    t.equal(say(thing('mouse'), thing('mouse')), 'Two computer mice.')
    t.equal(say(thing('scissors')), 'A pair of scissors.')
    t.equal(say(thing('knife'), thing('knife'), thing('knife')), 'Three knives.')
    t.equal(say(...Array.from({ length: 23 }, () => thing('bird'))), 'More than ten birds.')
    t.equal(say(), 'A picture.')
  })

  t.test('say "perhaps" of what is only likely', async (t) => {
    const likely = (label: string, size?: number) => thing(label, size, 0.49)
    t.equal(say(likely('boat')), 'A picture, perhaps of a boat.')
    t.equal(say(thing('boat', 0.1, 0.5)), 'A boat.', 'from a half on it is certain')
    t.equal(say(likely('boat'), likely('boat'), likely('person')), 'A picture, perhaps of a person and a boat.')
    t.equal(say(thing('person'), likely('boat')), 'A person. Perhaps also a boat.')
    t.equal(
      say(thing('dog'), likely('boat', 0.2), likely('airplane', 0.3), likely('scissors')),
      'A dog. Perhaps also an airplane, a boat and a pair of scissors.',
    )
    t.equal(
      writePictureCaption([thing('dog'), likely('boat')], 'AHOY').text,
      'A dog. Perhaps also a boat. The text reads "AHOY".',
    )
    t.equal(writePictureCaption([likely('boat')], 'AHOY').text, 'A picture, perhaps of a boat. The text reads "AHOY".')
  })

  t.test('count what is only likely with its certain kind', async (t) => {
    const likely = (label: string) => thing(label, 0.1, 0.41)
    t.equal(say(thing('person'), likely('person'), likely('person')), 'Three people.')
    t.equal(say(thing('person'), likely('person'), likely('dog')), 'Two people. Perhaps also a dog.')
  })

  t.test('quote what was read, shortened between words', async (t) => {
    t.equal(
      writePictureCaption([thing('person')], 'HAPPY\nBIRTHDAY').text,
      'A person. The text reads "HAPPY BIRTHDAY".',
    )
    t.equal(writePictureCaption([], 'say "cheese"').text, `A picture with the text "say 'cheese'".`)
    const long = writePictureCaption([], 'word '.repeat(100)).text
    t.match(long, /^A picture with the text "word (word )+…"\.$/)
    t.ok(long.length < 180)
  })

  t.test('tell a video from the most that was seen at once, and each line of text once', async (t) => {
    const video = writeVideoCaption([
      writePictureCaption([thing('person'), thing('dog', 0.5)], 'BREAKING NEWS'),
      writePictureCaption([thing('person'), thing('person')], 'Breaking News\nLIVE'),
      writePictureCaption([], 'EAKING NEWS'),
    ])
    t.equal(video.text, 'A video of two people and a dog. The text reads "BREAKING NEWS LIVE".')
    t.equal(video.ocrText, 'BREAKING NEWS\nLIVE')
    t.equal(video.objects.length, 3)
    t.equal(writeVideoCaption([writePictureCaption([], '')]).text, 'A video.')

    const likely = thing('dog', 0.1, 0.45)
    const one = writePictureCaption([thing('dog')], '')
    const guesses = writePictureCaption([likely, likely], '')
    t.equal(writeVideoCaption([guesses]).text, 'A video, perhaps of a dog.')
    t.equal(writeVideoCaption([one, guesses]).text, 'A video of a dog.', 'guesses do not outvote a find')
    t.equal(writeVideoCaption([guesses, one]).text, 'A video of a dog.')
    t.equal(
      writeVideoCaption([guesses, writePictureCaption([thing('person')], '')]).text,
      'A video of a person. Perhaps also a dog.',
    )
    t.equal(writeVideoCaption([]).text, 'A video.')
  })
})

t.test('an audit puts a good description above a short one, and that above a broken one', async (t) => {
  const ranking = [
    'Two people and a dog walk along the beach.',
    'Two people and a dog.',
    'A cat.',
    'A picture.',
    'A <loc_12> person <loc_40> sitting on a chair.</s>',
    'xqzt vbnm kjhg wrtp',
  ]
  const scores = ranking.map(auditDescription)
  t.same(
    scores,
    [...scores].sort((one, other) => other - one),
  )
  t.equal(new Set(scores).size, scores.length)
  t.equal(auditDescription('Two people and a dog walk along the beach.'), 100)
  t.equal(auditDescription(''), 0)
  t.ok(auditDescription('a dog a dog a dog a dog a dog') < auditDescription('A dog.'))
  t.ok(auditDescription('A person. The text reads "QX7 %%% zzzz".') >= 80, 'what is quoted is not judged')
})

t.test('detections', async (t) => {
  t.test('keep one box per thing, and drop what is more likely wrong', async (t) => {
    const rows = Float32Array.of(
      ...[0, 0, 256, 256, 0.9, 16],
      ...[10, 10, 256, 256, 0.8, 16],
      ...[300, 300, 400, 400, 0.7, 16],
      ...[0, 0, 256, 256, 0.6, 0],
      ...[0, 0, 100, 100, 0.41, 2],
      ...[0, 0, 100, 100, 0.39, 5],
    )
    t.same(
      decodeDetections(rows).map(({ label, score }) => [label, score.toFixed(1)]),
      [
        ['dog', '0.9'],
        ['dog', '0.7'],
        ['person', '0.6'],
        ['car', '0.4'],
      ],
    )
  })

  t.test('are placed in the picture, not in its letterbox', async (t) => {
    const wide = { data: new Uint8Array(200 * 100 * 3).fill(255), width: 200, height: 100 }
    const [square, placed] = await letterboxPixels(wide, 64, 114)
    t.same(placed, [0, 0.25, 1, 0.75])
    t.equal(square.data[0], 114)
    t.equal(square.data[(32 * 64 + 32) * 3], 255)
    t.same(fromLetterbox({ ...thing('cat'), box: [0.5, 0.25, 1, 0.8] }, placed).box, [0.5, 0, 1, 1])
  })
})

t.test('text', async (t) => {
  t.test('words on one line are one region, lines are read from the top', async (t) => {
    const [width, height] = [200, 100]
    const map = new Float32Array(width * height)
    const fill = (left: number, top: number, right: number, bottom: number) => {
      for (let y = top; y < bottom; y++) map.fill(0.9, y * width + left, y * width + right)
    }
    fill(20, 60, 100, 70)
    fill(10, 20, 50, 30)
    fill(56, 20, 90, 30)
    const regions = findTextRegions(map, width, height)
    t.equal(regions.length, 2)
    const [first, second] = regions
    t.ok(first && first[0] * width < 10 && first[2] * width > 90, 'the box holds both words with a margin')
    t.ok(first && second && first[1] < second[1])
  })

  t.test('letters are told apart by blanks, and doubled ones stay', async (t) => {
    const alphabet = parseAlphabet('a\nb\n')
    t.same(alphabet, ['', 'a', 'b', ' '])
    const steps = [1, 1, 0, 1, 2, 3, 2]
    const scores = Float32Array.from(
      steps.flatMap((letter) => alphabet.map((_, index) => (index === letter ? 0.8 : 0.1))),
    )
    const line = decodeLine(scores, alphabet)
    t.equal(line.text, 'aab b')
    t.ok(Math.abs(line.confidence - 0.8) < 1e-6)
  })
})

t.test('ONNX models that were written here', async (t) => {
  t.test('run as they were meant', async (t) => {
    const graph = createGraph('sum of rows')
    const table = graph.init('int8', [3, 2], Int8Array.of(1, 2, 3, 4, -5, 6))
    const rows = graph.op('Gather', [table, graph.input('ids', 'int64', ['n'])], { axis: 0 })
    graph.op('ReduceSum', [graph.op('Cast', [rows], { to: 1 }), graph.i64([0])], { keepdims: 0 }, 'sum')
    graph.output('sum', 'float32', [2])
    const session = await InferenceSession.create(graph.serialize())
    const { sum } = await session.run({ ids: new Tensor('int64', BigInt64Array.of(0n, 2n), [2]) })
    t.same(sum?.data, Float32Array.of(-4, 8))
  })

  t.test('widen half floats without loss', async (t) => {
    const halves = Uint16Array.of(0x3c00, 0xc100, 0x2e66, 0x7bff, 0x0001, 0x8000, 0xfc00)
    const expected = [1, -2.5, 0.0999755859375, 65_504, 2 ** -24, -0, Number.NEGATIVE_INFINITY]
    t.same(halfToFloat(halves), Float32Array.from(expected))
    t.ok(halfToFloat(Uint16Array.of(0x7c01)).every(Number.isNaN))
  })

  t.test('are the same detector every time, with the same finite answers', async (t) => {
    const model = await loadGraphModel(WEIGHTS.detector)
    const request = {
      outputs: [
        { node: 'tower_0/detections', as: 'detections' },
        { node: 'tower_0/keypoints', as: 'heat' },
        { node: 'tower_0/MobilenetV3/expanded_conv_14/add', as: 'features', pool: 'average' },
      ],
      inputSize: [512, 512],
    } as const
    const bytes = convertGraphModel(model, request)
    t.ok(Buffer.from(bytes).equals(convertGraphModel(model, request)))
    const session = await InferenceSession.create(bytes)
    const image = new Tensor('uint8', new Uint8Array(512 * 512 * 3).fill(90), [1, 512, 512, 3])
    const [one, other] = [await session.run({ [IMAGE_INPUT]: image }), await session.run({ [IMAGE_INPUT]: image })]
    t.same(one.detections?.dims, [1, 100, 6])
    t.same(one.heat?.dims, [1, 128, 128, 80])
    t.same(one.features?.dims, [1, 120])
    for (const name of session.outputNames) {
      const data = one[name]?.data
      const again = other[name]?.data
      t.ok(data instanceof Float32Array && data.every(Number.isFinite), name)
      t.ok(data instanceof Float32Array && again instanceof Float32Array && sameBytes(data, again), `${name} again`)
    }
  })

  t.test('say which operator they cannot have', async (t) => {
    const model: GraphModel = {
      nodes: new Map([
        ['in', { name: 'in', op: 'Placeholder' }],
        ['out', { name: 'out', op: 'FusedBatchNormV3', input: ['in'] }],
      ]),
      weights: new Map(),
      outputShapes: new Map([['out', [1, 8, 8, 3]]]),
    }
    t.throws(() => convertGraphModel(model, { outputs: [{ node: 'out', as: 'out' }], inputSize: [8, 8] }), {
      code: 'MODEL_FAILED',
      message: 'The operator FusedBatchNormV3 (node out) cannot be converted.',
    })
  })
})

t.test('the queue of work', async (t) => {
  /** Work that ends when it is told to, and remembers when it began. */
  const createJobs = () => {
    const begun: string[] = []
    const job = (name: string) => {
      let finish = () => {}
      const ended = new Promise<string>((resolve) => {
        finish = () => resolve(name)
      })
      const work = () => {
        begun.push(name)
        return ended
      }
      return { work, finish: () => finish() }
    }
    return { begun, job }
  }

  t.test('lets a query pass a single upload, and that a batch, each in its order', async (t) => {
    const { begun, job } = createJobs()
    const queue = createWorkQueue(1)
    const blocker = job('blocker')
    const blocked = queue.run(blocker.work)
    const waiting = (['batch', 'interactive', 'query', 'batch', 'interactive', 'query'] as const).map(
      (priority, index) => {
        const { work, finish } = job(`${priority} ${index}`)
        finish()
        return queue.run(work, { priority })
      },
    )
    t.same(begun, ['blocker'])
    blocker.finish()
    await Promise.all([blocked, ...waiting])
    t.same(begun, ['blocker', 'query 2', 'query 5', 'interactive 1', 'interactive 4', 'batch 0', 'batch 3'])
  })

  t.test('never begins what was aborted while it waited', async (t) => {
    const { begun, job } = createJobs()
    const queue = createWorkQueue(1)
    const blocker = job('blocker')
    const blocked = queue.run(blocker.work)
    const controller = new AbortController()
    const aborted = queue.run(job('aborted').work, { signal: controller.signal })
    controller.abort(new Error('no longer wanted'))
    await t.rejects(aborted, { message: 'no longer wanted' })
    await t.rejects(queue.run(job('late').work, { signal: controller.signal }), { message: 'no longer wanted' })
    blocker.finish()
    t.equal(await blocked, 'blocker')
    t.same(begun, ['blocker'])
  })

  t.test('only stops waiting for what was aborted while it ran, and closes after it', async (t) => {
    const { begun, job } = createJobs()
    const queue = createWorkQueue(1)
    const running = job('running')
    const controller = new AbortController()
    const waitedFor = queue.run(running.work, { signal: controller.signal })
    const next = queue.run(job('next').work)
    controller.abort(new Error('no longer wanted'))
    await t.rejects(waitedFor, { message: 'no longer wanted' })
    t.same(begun, ['running'], 'its place is still taken')

    let closed = false
    const closing = queue.close().then(() => {
      closed = true
    })
    await t.rejects(next, { code: 'NOT_READY' })
    t.equal(closed, false)
    running.finish()
    await closing
    await t.rejects(queue.run(job('late').work), { code: 'NOT_READY' })
  })

  t.test('listens once to a signal, however much waits under it, and no longer than it waits', async (t) => {
    const { begun, job } = createJobs()
    const queue = createWorkQueue(1)
    const { signal } = new AbortController()
    const jobs = Array.from({ length: 30 }, (_, index) => job(`job ${index}`))
    const results = jobs.map(({ work }) => queue.run(work, { signal }))
    t.equal(getEventListeners(signal, 'abort').length, 1)
    for (const { finish } of jobs) finish()
    await Promise.all(results)
    t.equal(begun.length, 30)
    t.equal(getEventListeners(signal, 'abort').length, 0)

    const controller = new AbortController()
    const blocker = job('blocker')
    const aborted = [blocker, job('waiting'), job('waiting too')].map(({ work }) =>
      queue.run(work, { signal: controller.signal }),
    )
    const other = queue.run(async () => 'other', { signal })
    controller.abort(new Error('no longer wanted'))
    for (const result of aborted) await t.rejects(result, { message: 'no longer wanted' })
    t.equal(getEventListeners(controller.signal, 'abort').length, 0)
    blocker.finish()
    t.equal(await other, 'other', 'another signal is not concerned')
    t.equal(getEventListeners(signal, 'abort').length, 0)
    t.notOk(begun.includes('waiting'))
  })

  t.test('goes on after work that failed', async (t) => {
    const queue = createWorkQueue(1)
    await t.rejects(
      queue.run(() => Promise.reject(new Error('broken'))),
      { message: 'broken' },
    )
    t.equal(await queue.run(async () => 'fine'), 'fine')
  })
})

t.test('a second thread comes when there is work for two, and goes when there is none', async (t) => {
  let [started, ended] = [0, 0]
  const note = (worker: Worker) => {
    started++
    worker.once('exit', () => ended++)
  }
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  const filename = fileURLToPath(new URL('./helpers/meeting-worker.mjs', import.meta.url))
  const pool = createWorkerPool<{ meet(met: Int32Array): Promise<number> }>({ filename, workers: 2, idleMs: 1 })
  t.teardown(() => pool.close())

  for (const round of [1, 2]) {
    const met = new Int32Array(new SharedArrayBuffer(4))
    const [one, other] = await Promise.all([pool.run('meet', met), pool.run('meet', met)])
    t.not(one, other, 'both were at work at the same time, in a thread each')
    await until(() => ended === round)
    t.equal(started - ended, 1, 'one is kept')
  }
})
