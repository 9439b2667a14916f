import * as fc from 'fast-check'
import t from 'tap'
import { AppError } from '#src/errors.js'
import { parseQuery } from '#src/services/query-language/parse.js'

t.test('words stay as they are, in their order', async (t) => {
  t.same(parseQuery('  ships in a  harbour '), {
    text: 'ships in a harbour',
    phrases: [],
    excluded: [],
    conditions: [],
  })
})

t.test('quotes hold words together, a minus keeps words out', async (t) => {
  const { text, phrases, excluded } = parseQuery('red "fishing boat" -dog -"old town" -')
  t.same(
    { text, phrases, excluded },
    { text: 'red fishing boat', phrases: ['fishing boat'], excluded: ['dog', 'old town'] },
  )
  t.same(parseQuery('"never closed').phrases, ['never closed'])
  t.same(parseQuery('black-and-white').text, 'black-and-white', 'a minus inside a word is part of it')
})

t.test('every field is read into its condition', async (t) => {
  const cases: [string, object][] = [
    ['type:video', { fileType: 'video' }],
    ['TYPE:Photo', { fileType: 'image' }],
    ['-type:video', { fileType: 'image' }],
    ['before:2024-06', { takenBefore: new Date('2024-06-01T00:00:00Z') }],
    ['after:2024', { takenAfter: new Date('2024-01-01T00:00:00Z') }],
    ['after:2024-02-29', { takenAfter: new Date('2024-02-29T00:00:00Z') }],
    ['camera:"canon eos"', { camera: 'canon eos' }],
    ['has:text', { hasText: true }],
    ['-has:text', { hasText: false }],
    ['is:hidden', { onlyHidden: true }],
    ['is:portrait', { orientation: 'portrait' }],
    ['near:48.85,2.35', { near: { latitude: 48.85, longitude: 2.35, radiusKm: 10 } }],
    ['near:-33.9,-151.2,5', { near: { latitude: -33.9, longitude: -151.2, radiusKm: 5 } }],
    ['larger:10mb', { sizeMinBytes: 10_000_000 }],
    ['smaller:1.5GB', { sizeMaxBytes: 1_500_000_000 }],
    ['longer:90', { durationMinSeconds: 90 }],
    ['shorter:2m', { durationMaxSeconds: 120 }],
  ]
  for (const [query, condition] of cases)
    t.same(parseQuery(query), { text: '', phrases: [], excluded: [], conditions: [condition] }, query)
})

t.test('what is not understood is an error that says where', async (t) => {
  const cases: [string, number, RegExp][] = [
    ['boats type:picture', 11, /Character 12 .*expected image or video after type: but received "picture"/],
    ['before:2024-13', 7, /expected a day, a month or a year/],
    ['after:2023-02-29', 6, /expected a day/],
    ['boats tpye:video', 6, /Character 7 .*no field tpye:/],
    ['larger:', 7, /received nothing/],
    ['near:91,0', 5, /latitude/],
    ['-camera:canon', 0, /cannot have a minus/],
    [`${'a '.repeat(64)}b`, 128, /at most 64/],
  ]
  for (const [query, position, sentence] of cases) {
    t.throws(
      () => parseQuery(query),
      { code: 'QUERY_INVALID', status: 400, message: sentence, extra: { position } },
      query,
    )
  }
})

t.test('times of day, addresses and signs are words, not fields', async (t) => {
  t.equal(parseQuery('12:30 http://example.org "type:video"').text, '12:30 http://example.org type:video')
  t.same(parseQuery('?!  -- "" -""'), { text: '', phrases: [], excluded: [], conditions: [] })
})

t.test('any text is either understood or refused with a place inside it', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^([-"]?(type|near|is|after)?:?[\w",. -]{0,6}){0,8}$/),
  )
  await fc.assert(
    fc.property(text, (query) => {
      try {
        parseQuery(query)
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== 'QUERY_INVALID') throw thrown
        const { position } = thrown.extra
        if (typeof position !== 'number' || position < 0 || position > query.length) throw thrown
      }
    }),
    { numRuns: 2000 },
  )
})
