import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t, { type Test } from 'tap'
import { auditDescription } from '#src/models/audit.js'
import { cleanReading, cleanSentences } from '#src/models/captioning/clean-text.js'
import { createDecoder, type Decoder, type DecoderParts, ENCODED } from '#src/models/captioning/decoder.js'
import { generate } from '#src/models/captioning/generate.js'
import type { Generation } from '#src/models/captioning/generation.js'
import { tellVideo } from '#src/models/captioning/tell-video.js'
import { createTokenRules } from '#src/models/captioning/token-rules.js'
import { createGraph, type OnnxGraph } from '#src/models/onnx/writer.js'
import { openSplitSession } from '#src/models/session-cache.js'
import { numbers, tinyDecoder } from './helpers/tiny-models.ts'

const generation: Generation = {
  startToken: 0,
  endTokens: [0],
  forcedFirst: undefined,
  forcedLast: [],
  maxLength: 6,
  minLength: 0,
  noRepeatNgram: 0,
  badWords: [],
  beams: 1,
  lengthPenalty: 1,
  earlyStopping: false,
}
const ignore = () => undefined

/** A language of `size` words: what comes next depends on everything before, in a way that looks random. */
function language(size: number, seed: number): Decoder & { next(text: readonly number[]): Float32Array } {
  const next = (text: readonly number[]) => {
    const place = text.reduce((hash, token) => (Math.imul(hash, 31) + token + 1) & 0xffffff, seed)
    return numbers(size, place + 1).map((value) => value * 6)
  }
  return { next, step: async (texts) => ({ logits: texts.map(next), cache: new Map() }) }
}

function logSoftmax(logits: Float32Array): number[] {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  return [...logits].map((logit) => logit - Math.log(sum))
}

interface Rated {
  text: number[]
  sum: number
}

/** All texts up to the most tokens: those that end, and those that had no room to. */
function everyText(words: ReturnType<typeof language>, { maxLength, endTokens }: Generation): Rated[] {
  const found: Rated[] = []
  const extend = ({ text, sum }: Rated) => {
    if (text.length === maxLength) return found.push({ text, sum })
    for (const [token, logProbability] of logSoftmax(words.next(text)).entries()) {
      const longer = { text: [...text, token], sum: sum + logProbability }
      if (endTokens.includes(token)) found.push(longer)
      else extend(longer)
    }
  }
  extend({ text: [generation.startToken], sum: 0 })
  return found
}

t.test('a beam search', async (t) => {
  t.test('that is wide enough finds the best of all texts', async (t) => {
    for (let seed = 1; seed <= 40; seed++) {
      // Two words and an end: at most 2 ** 3 texts go on at once, which is the width.
      const words = language(3, seed * 1000)
      const wide = { ...generation, maxLength: 5, beams: 8, earlyStopping: 'never', lengthPenalty: 0.5 } as const
      const rate = ({ text, sum }: Rated) => sum / (text.length - 1) ** wide.lengthPenalty
      const [best] = everyText(words, wide).sort((one, other) => rate(other) - rate(one))
      const { tokens } = await generate(words, wide, ignore)
      t.same(tokens, best?.text.slice(1), `language ${seed}`)
    }
  })

  t.test('does what the reference does, step by step', async (t) => {
    for (let seed = 1; seed <= 60; seed++) {
      for (const earlyStopping of [true, false, 'never'] as const) {
        const words = language(7, seed * 777)
        const narrow = { ...generation, maxLength: 8, beams: 3, earlyStopping, lengthPenalty: 1 }
        const { tokens } = await generate(words, narrow, ignore)
        t.same(tokens, reference(words, narrow), `language ${seed}, early stopping ${earlyStopping}`)
      }
    }
  })

  t.test('finds more probable texts than taking the best token each time', async (t) => {
    let better = 0
    for (let seed = 1; seed <= 30; seed++) {
      const words = language(6, seed * 99)
      const score = (text: readonly number[]) =>
        text.reduce(
          (sum, token, index) => sum + (logSoftmax(words.next([0, ...text.slice(0, index)]))[token] ?? 0),
          0,
        ) / text.length
      const greedy = await generate(words, { ...generation, maxLength: 8 }, ignore)
      const beams = await generate(words, { ...generation, maxLength: 8, beams: 4 }, ignore)
      if (score(beams.tokens) > score(greedy.tokens) + 1e-6) better++
    }
    t.ok(better > 5, `in ${better} of 30 languages`)
  })
})

/** The beam search of transformers 4 for one text, written down naively: n equal beams, of which one counts at first. */
function reference(words: ReturnType<typeof language>, settings: Generation): number[] {
  const { beams: n, maxLength, endTokens, earlyStopping, lengthPenalty } = settings
  let beams = Array.from({ length: n }, (_, index) => ({ text: [0], sum: index === 0 ? 0 : -1e9 }))
  const done: { text: number[]; score: number }[] = []
  const add = (text: number[], sum: number) => {
    done.push({ text, score: sum / (text.length - 1) ** lengthPenalty })
    done.sort((one, other) => other.score - one.score)
    done.splice(n)
  }
  const isDone = (best: number, length: number) => {
    if (done.length < n) return false
    if (earlyStopping === true) return true
    const attainable = best / (earlyStopping === 'never' ? maxLength - 1 : length) ** lengthPenalty
    return (done.at(-1)?.score ?? 0) >= attainable
  }
  for (let length = 1; length < maxLength; length++) {
    const all = beams.flatMap(({ text, sum }) =>
      logSoftmax(words.next(text)).map((score, token) => ({ text: [...text, token], token, sum: sum + score })),
    )
    const top = all.sort((one, other) => other.sum - one.sum).slice(0, 2 * n)
    const next: Rated[] = []
    for (const [rank, { text, token, sum }] of top.entries()) {
      if (endTokens.includes(token)) {
        if (rank < n) add(text, sum)
      } else if (next.length < n) next.push({ text, sum })
    }
    beams = next
    if (isDone(top[0]?.sum ?? 0, length)) return done[0]?.text.slice(1) ?? []
  }
  for (const { text, sum } of beams) add(text, sum)
  return done[0]?.text.slice(1) ?? []
}

t.test('the rules of a text', async (t) => {
  const allowed = (rules: Partial<Generation>, written: readonly number[]) => {
    const scores = new Float32Array(6).fill(1)
    for (const rule of createTokenRules({ ...generation, ...rules })) rule(scores, written)
    return [...scores.keys()].filter((token) => scores[token] !== Number.NEGATIVE_INFINITY)
  }
  t.same(allowed({ noRepeatNgram: 2 }, [0, 3, 4, 3]), [0, 1, 2, 3, 5], 'a pair is not written twice')
  t.same(allowed({ noRepeatNgram: 3 }, [0, 3, 4, 3]), [0, 1, 2, 3, 4, 5], 'no three tokens were written twice')
  t.same(allowed({ noRepeatNgram: 1 }, [0, 3]), [1, 2, 4, 5])
  t.same(allowed({ badWords: [[2], [3, 4]] }, [0, 3]), [0, 1, 3, 5], 'bad words, whole and begun')
  t.same(allowed({ badWords: [[0], [2]] }, [0]), [0, 1, 3, 4, 5], 'the end is no bad word')
  t.same(allowed({ minLength: 3 }, [0, 1]), [1, 2, 3, 4, 5], 'no end before the least length')
  t.same(allowed({ minLength: 2 }, [0, 1]), [0, 1, 2, 3, 4, 5])
  t.same(allowed({ forcedFirst: 5 }, [0]), [5])
  t.same(allowed({ forcedLast: [2, 3], maxLength: 4 }, [0, 1, 1]), [2, 3])
  t.same(allowed({}, [0]), [0, 1, 2, 3, 4, 5])
})

t.test('a text that begins with the token that ends it is not over before it begins', async (t) => {
  const words: Decoder = {
    step: async ([text = []]) => ({
      logits: [Float32Array.from({ length: 4 }, (_, token) => (token === (text.length < 3 ? 2 : 0) ? 9 : 0))],
      cache: new Map(),
    }),
  }
  t.same(await generate(words, generation, ignore), { tokens: [2, 2, 0], isComplete: true })
  t.same(await generate(words, { ...generation, maxLength: 3 }, ignore), { tokens: [2, 2], isComplete: false })
})

const scripts = [
  [1, 2, 3, 9],
  [4, 5, 9],
] as const
// Large enough for weights that a split graph leaves in its file.
const shape = { layers: 2, heads: 2, headSize: 4, channels: 8, vocabularySize: 200, endToken: 9, scripts }

t.test('a decoder', async (t) => {
  const write = async (model: Uint8Array, brightness: number, beams = 1) =>
    writeBy({ session: await InferenceSession.create(model) }, brightness, beams)
  const writeBy = async (sessions: Pick<DecoderParts, 'session' | 'once'>, brightness: number, beams = 1) => {
    const encoded = new Tensor('float32', new Float32Array(8 * 3).fill(brightness), [1, 3, 8])
    const embed = async (tokens: Tensor) =>
      new Tensor('float32', new Float32Array(tokens.size * 8), [...tokens.dims, 8])
    const decoder = createDecoder({ ...sessions, encoded, embed })
    const { tokens } = await generate(
      decoder,
      { ...generation, startToken: 9, endTokens: [9], maxLength: 8, beams },
      ignore,
    )
    return tokens
  }

  for (const cacheType of ['float32', 'float16'] as const) {
    for (const hasEncoderCache of [false, true]) {
      t.test(`keeps ${cacheType} keys${hasEncoderCache ? ' and those of the picture' : ''}`, async (t) => {
        const model = tinyDecoder({ ...shape, cacheType, hasEncoderCache })
        for (const beams of [1, 3]) {
          t.same(await write(model, -1, beams), scripts[0])
          t.same(await write(model, 1, beams), scripts[1])
        }
      })
    }
  }

  t.test('computes what it makes of the picture once, whichever of its branches asks for it', async (t) => {
    const model = tinyDecoder({ ...shape, cacheType: 'float32', hasEncoderCache: false })
    const folder = t.testdir({ 'decoder.onnx': Buffer.from(model) })
    const { once, rest } = await openSplitSession({ path: join(folder, 'decoder.onnx'), threads: 1 }, ENCODED)
    t.equal(once?.outputNames.length, 1, 'both branches ask for the same')
    t.notOk(rest.inputNames.includes(ENCODED), 'no step sees the picture itself')
    for (const beams of [1, 3]) {
      t.same(await writeBy({ session: rest, once }, -1, beams), scripts[0])
      t.same(await writeBy({ session: rest, once }, 1, beams), scripts[1])
    }
  })

  t.test('may have any number of layers, heads and channels', async (t) => {
    for (const sizes of [
      { layers: 1, heads: 1, headSize: 2 },
      { layers: 5, heads: 3, headSize: 6 },
    ]) {
      const model = tinyDecoder({ ...shape, ...sizes, cacheType: 'float32', hasEncoderCache: true })
      t.same(await write(model, -1, 2), scripts[0])
    }
  })

  /** One that has no cache, and takes the whole text each time. */
  const plain = (extraInput?: string) => {
    const graph = createGraph('plain')
    graph.input('input_ids', 'int64', ['batch_size', 'length'])
    graph.input('encoder_hidden_states', 'float32', ['batch_size', 'positions', 8])
    if (extraInput) graph.input(extraInput, 'float32', [1])
    const next = Array.from({ length: 100 }, (_, index) => (index % 10 === (Math.floor(index / 10) + 1) % 10 ? 5 : 0))
    const known = graph.op('Gather', [graph.f32(next, [10, 10]), 'input_ids'])
    graph.op('Add', [known, graph.op('ReduceMean', ['encoder_hidden_states'], { keepdims: 0 })], {}, 'logits')
    graph.output('logits', 'float32', ['batch_size', 'length', 10])
    return graph.serialize()
  }
  t.test('may do without a cache', async (t) => {
    const tokens = await write(plain(), 1, 2)
    t.same(tokens.slice(0, 4), [0, 1, 2, 3])
  })
  t.test('that wants something unknown is refused by the name of it', async (t) => {
    await t.rejects(write(plain('speaker'), 1), { message: /wants the input "speaker"/ })
  })
})

t.test('a graph that is split for one of its inputs', async (t) => {
  const split = async (t: Test, graph: OnnxGraph) => {
    const path = join(t.testdir({ 'graph.onnx': Buffer.from(graph.serialize()) }), 'graph.onnx')
    const whole = await InferenceSession.create(path)
    return { whole, ...(await openSplitSession({ path, threads: 1 }, 'seen')) }
  }
  const seen = new Tensor('float32', Float32Array.of(1, 2, 3), [1, 3])
  const asked = new Tensor('float32', Float32Array.of(5), [1, 1])

  t.test('gives what the whole gives, though names mean different things in its branches', async (t) => {
    const branch = (factor: number) => {
      const inner = createGraph('branch', 'same/')
      const scaled = inner.op('Mul', ['seen', inner.f32([factor])])
      const sum = inner.op('Add', [inner.op('Mul', ['doubled', scaled]), 'asked'])
      inner.output(sum, 'float32', [1, 3])
      return { graph: inner }
    }
    const graph = createGraph('graph')
    graph.input('seen', 'float32', [1, 3])
    graph.input('asked', 'float32', [1, 1])
    graph.input('first', 'bool', [1])
    graph.op('Add', ['seen', 'seen'], {}, 'doubled')
    graph.op('If', ['first'], { then_branch: branch(10), else_branch: branch(100) }, 'answer')
    graph.output('answer', 'float32', [1, 3])
    const { whole, once, rest } = await split(t, graph)
    t.equal(once?.outputNames.length, 2, 'one value of each branch')
    for (const isFirst of [true, false]) {
      const first = new Tensor('bool', Uint8Array.of(isFirst ? 1 : 0), [1])
      const expected = await whole.run({ seen, asked, first })
      const { answer } = await rest.run({ ...(await once?.run({ seen })), asked, first })
      t.same(answer?.data, expected.answer?.data)
    }
  })

  t.test('stays whole when nothing depends on that input alone', async (t) => {
    const graph = createGraph('graph')
    graph.input('seen', 'float32', [1, 3])
    graph.input('asked', 'float32', [1, 1])
    graph.op('Add', ['seen', 'asked'], {}, 'answer')
    graph.output('answer', 'float32', [1, 3])
    const { once, rest } = await split(t, graph)
    t.equal(once, undefined)
    t.same((await rest.run({ seen, asked })).answer?.data, Float32Array.of(6, 7, 8))
  })

  t.test('draws random numbers anew each time', async (t) => {
    const graph = createGraph('graph')
    graph.input('seen', 'float32', [1, 3])
    graph.input('asked', 'float32', [1, 1])
    graph.op('Mul', [graph.op('RandomNormalLike', ['seen']), 'asked'], {}, 'answer')
    graph.output('answer', 'float32', [1, 3])
    const { once } = await split(t, graph)
    t.equal(once, undefined)
  })

  t.test('is refused when the file is cut off or is no graph', async (t) => {
    const whole = Buffer.from(tinyDecoder({ ...shape, cacheType: 'float32', hasEncoderCache: false }))
    const folder = t.testdir({ 'cut.onnx': whole.subarray(0, -100), 'text.onnx': 'This is a sentence, not a graph.' })
    for (const name of ['cut.onnx', 'text.onnx']) {
      await t.rejects(openSplitSession({ path: join(folder, name), threads: 1 }, ENCODED), Error)
    }
  })
})

t.test('what a decoder wrote becomes a sentence', async (t) => {
  t.equal(cleanSentences(' a cat on a mat ', true), 'A cat on a mat.')
  t.equal(cleanSentences('</s><s>the sign says "stop!"</s>', true), 'The sign says "stop!"')
  t.equal(cleanSentences('A dog<loc_12> runs .', true), 'A dog runs.')
  t.equal(cleanSentences('A dog runs. It is brown. The lawn beh', false), 'A dog runs. It is brown.')
  t.equal(cleanSentences('a dog runs over the', false), 'A dog runs.')
  t.equal(cleanSentences(' </s> . ', true), '')
  t.equal(cleanReading('STOP  HERE</s>\n\n now '), 'STOP HERE\nnow')
  t.ok(auditDescription(cleanSentences('<s>two dogs run on a beach</s>', true)) === 100)
})

t.test('the sentences about frames become one text about a video', async (t) => {
  const tell = (...texts: string[]) => tellVideo(texts.map((text) => ({ text, ocrText: '', objects: [] }))).text
  t.equal(tell('A dog runs.'), 'A video. A dog runs.')
  t.equal(
    tell('A dog runs on grass.', 'A dog is running.', 'Paris at night.'),
    'A video. First, a dog runs on grass; then, a dog is running; finally, Paris at night.',
  )
  t.equal(
    tell('A dog running on the grass.', 'The dog is running on grass.', 'A cat.'),
    'A video. First, a dog running on the grass; finally, a cat.',
  )
  t.equal(tell(), 'A video.')
  const many = tell(
    ...['A red car.', 'Two people.', 'A dog runs.', 'An old house.', 'The sea.', 'A clock.', 'A cake.', 'Some trees.'],
  )
  t.equal(many.split(';').length, 5, 'not more scenes than one reads')
  t.ok(tell(...Array.from({ length: 9 }, (_, index) => `${`word${index} `.repeat(200)}.`)).length < 1000, 'bounded')
  t.ok(auditDescription(many) >= 90)
  const read = tellVideo(['EXIT', 'exit', 'EXIT\nStairs'].map((ocrText) => ({ text: 'A door.', ocrText, objects: [] })))
  t.same(read, { text: 'A video. A door.', ocrText: 'EXIT\nStairs', objects: [] })
})
