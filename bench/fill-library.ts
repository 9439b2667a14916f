import { v7 as uuidv7 } from 'uuid'
import type { Sql } from '#src/db/client.js'
import { sketch } from '#src/db/vector-sketch.js'

/**
 * A library of many uploads without their files: rows and vectors as a pipeline would have written them, the same for
 * the same seed. Pictures gather around topics, as real ones do, and the words of a description come from its topic.
 */

export interface LibraryOptions {
  /** Uploads of each user, by username. */
  readonly users: Readonly<Record<string, number>>
  readonly pictureModel: string
  readonly textModel: string
  readonly dimensions: number
  readonly seed?: number
}

export interface FilledUser {
  readonly username: string
  readonly id: string
  readonly uploads: number
}

const TOPICS = 400
const ROWS_AT_ONCE = 500
/** Text of whole numbers is read five times faster than text of fractions; the database scales it to length 1. */
const SCALE = 100

const THINGS =
  'boat harbour mountain lake forest dog cat horse bicycle street market bridge tower castle garden flower beach wave sunset snow river train station airplane runway kitchen table cup bread wine guitar piano concert crowd stadium football child birthday cake balloon wedding bride dancer church window door roof field tractor sheep cow barn road car truck motorcycle helmet desert camel rock canyon waterfall island palm surfer kite lighthouse ship crane factory chimney library book lamp desk laptop phone screen museum painting statue fountain square tram umbrella rain cloud storm lightning moon star tent campfire hiker trail'.split(
    ' ',
  )
const MANNERS =
  'old red small bright quiet crowded wooden stone green distant blue wet dusty golden empty tall narrow white dark busy'.split(
    ' ',
  )
const CAMERAS = [
  'Canon EOS R6',
  'Apple iPhone 14 Pro',
  'SONY ILCE-7M4',
  'FUJIFILM X-T5',
  'Google Pixel 8',
  'NIKON Z 6',
  null,
]
const SIGNS =
  'open closed exit menu coffee platform ticket museum entrance welcome danger private parking bakery hotel'.split(' ')

/** mulberry32: small, fast, and the same everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(values: readonly T[], at: number): T => values[Math.floor(at * values.length)] as T
/** Few values are frequent, many are rare, like words. */
const rarely = (random: () => number) => random() ** 3

export type VectorMaker = ReturnType<typeof createVectors>

/** Vectors around the centre of a topic, as the text of whole numbers. */
export function createVectors(seed: number, dimensions: number) {
  const random = createRandom(seed)
  // The sum of three evenly spread numbers is near enough to a normal one.
  const normal = () => random() + random() + random() - 1.5
  const centres = Array.from({ length: TOPICS }, () => Float32Array.from({ length: dimensions }, normal))
  return (topic: number, spread = 0.8): string => {
    const centre = centres[topic % TOPICS] as Float32Array
    const parts = new Array<number>(dimensions)
    for (let index = 0; index < dimensions; index++)
      parts[index] = Math.round(((centre[index] ?? 0) + spread * normal()) * SCALE)
    return `[${parts.join(',')}]`
  }
}

/** Fills an empty database and gathers its statistics. */
export async function fillLibrary(sql: Sql, options: LibraryOptions): Promise<FilledUser[]> {
  const { seed = 1, dimensions } = options
  const random = createRandom(seed)
  const vector = createVectors(seed, dimensions)
  const filled: FilledUser[] = []
  // The counts of suggestions are made in one go at the end.
  await sql`alter table uploads disable trigger user`
  for (const [username, uploads] of Object.entries(options.users)) {
    const id = uuidv7()
    await sql`insert into users (id, username, password_hash, role) values (${id}, ${username}, '', 'member')`
    for (let done = 0; done < uploads; done += ROWS_AT_ONCE) {
      const rows = Array.from({ length: Math.min(ROWS_AT_ONCE, uploads - done) }, (_, index) =>
        createRow(random, done + index),
      )
      await insertUploads(sql, id, rows)
      await insertVectors(sql, id, rows, options, vector)
      if (done % 10_000 === 0) await sql`checkpoint`
    }
    filled.push({ username, id, uploads })
  }
  await sql`alter table uploads enable trigger user`
  await countSuggestions(sql)
  await sql`checkpoint`
  for (const table of ['uploads', 'embeddings', 'vector_sketches', 'suggestions'])
    await sql.unsafe(`vacuum analyze ${table}`)
  return filled
}

type Row = ReturnType<typeof createRow>

function createRow(random: () => number, number: number) {
  const topic = Math.floor(rarely(random) * TOPICS)
  const things = [0, 1, 2].map((step) => pick(THINGS, ((topic * 7 + step * 31) % 97) / 97))
  const isVideo = random() < 0.1
  const takenMs = Date.UTC(2014, 0, 1) + random() * 10 * 365 * 86_400_000
  const hasText = random() < 0.15
  return {
    id: uuidv7(),
    topic,
    isVideo,
    filename: `${pick(['IMG', 'DSC', 'PXL', 'holiday'], random())}_${String(number).padStart(6, '0')}.${isVideo ? 'mp4' : 'jpg'}`,
    description: `A ${pick(MANNERS, rarely(random))} ${things[0]} with a ${pick(MANNERS, random())} ${things[1]}, perhaps near a ${pick(THINGS, rarely(random))} and a ${things[2]}.`,
    ocrText: hasText ? Array.from({ length: 8 }, () => pick(SIGNS, random())).join(' ') : '',
    camera: pick(CAMERAS, random()),
    takenAt: new Date(takenMs),
    latitude: random() < 0.4 ? random() * 120 - 50 : null,
    longitude: random() * 360 - 180,
    size: Math.floor(200_000 + random() * 8e6),
    portrait: random() < 0.3,
    hidden: random() < 0.02,
    labels: things,
  }
}

async function insertUploads(sql: Sql, userId: string, rows: readonly Row[]): Promise<void> {
  const values = rows.map((row) => ({
    ...row,
    name: row.filename.replace(/[^a-z0-9]+/gi, ' '),
    objects: row.labels.map((label) => ({ label, score: 0.7, box: [0.1, 0.1, 0.5, 0.5] })),
    suggested: [
      ...row.labels.map((label) => `label:${label}`),
      ...new Set((row.description.match(/[a-z]{3,}/g) ?? []).map((word) => `word:${word}`)),
    ],
  }))
  await sql`
    insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, width, height,
      duration_seconds, taken_at, latitude, longitude, camera, metadata, status, stage, next_stage, lane, attempts,
      description, ocr_text, description_audit_score, objects, thumbhash, has_renditions, hidden, created_at,
      processed_at, suggested, search_document)
    select r.id, ${userId}, r.filename, case when r."isVideo" then 'video' else 'image' end,
      case when r."isVideo" then 'video/mp4' else 'image/jpeg' end, case when r."isVideo" then 'mp4' else 'jpg' end,
      r.size, encode(sha256(r.id::text::bytea), 'hex'),
      case when r.portrait then 3000 else 4000 end, case when r.portrait then 4000 else 3000 end,
      case when r."isVideo" then (r.size % 300)::real end, r."takenAt", r.latitude,
      case when r.latitude is not null then r.longitude end, r.camera,
      jsonb_build_object('exposure_seconds', 0.004, 'iso', 200, 'lens', '24-70mm F2.8', 'colour_space', 'sRGB'),
      'completed', 'completed', 'index', 'batch', 1, r.description, r."ocrText", 95, r.objects,
      'ohgWFoB4eHiPd4d6iHiHV3eHeH+q95g=', true, r.hidden, r."takenAt", r."takenAt",
      array(select jsonb_array_elements_text(r.suggested)),
      setweight(to_tsvector('english', r.description), 'A') || setweight(to_tsvector('simple', r.description), 'A')
        || setweight(to_tsvector('english', r."ocrText"), 'B') || setweight(to_tsvector('simple', r."ocrText"), 'B')
        || setweight(to_tsvector('simple', r.name), 'C') || setweight(to_tsvector('simple', coalesce(r.camera, '')), 'D')
    from jsonb_to_recordset(${sql.json(values)}) as r(
      id uuid, filename text, "isVideo" boolean, description text, "ocrText" text, camera text, "takenAt" timestamptz,
      latitude float8, longitude float8, size bigint, portrait boolean, hidden boolean, objects jsonb, suggested jsonb,
      name text)`
}

async function insertVectors(
  sql: Sql,
  userId: string,
  rows: readonly Row[],
  { pictureModel, textModel }: LibraryOptions,
  vector: VectorMaker,
): Promise<void> {
  const ids = rows.map(({ id }) => id)
  for (const [model, frameMs] of [[pictureModel, 0] as const, [textModel, -1] as const]) {
    const texts = rows.map(({ topic }) => vector(topic))
    await sql`
      insert into embeddings (upload_id, user_id, model, frame_ms, part, vector)
      select id, ${userId}, ${model}, ${frameMs}, 0, l2_normalize(text::vector)
      from unnest(${ids}::uuid[], ${texts}::text[]) as given(id, text)`
    const sketches = texts.map((text) => sketch(Float32Array.from(JSON.parse(text) as number[])))
    await sql`
      insert into vector_sketches (upload_id, user_id, model, frame_ms, part, bits)
      select id, ${userId}, ${model}, ${frameMs}, 0, bits
      from unnest(${ids}::uuid[], ${sketches}::bit(1024)[]) as given(id, bits)`
  }
}

async function countSuggestions(sql: Sql): Promise<void> {
  await sql`
    insert into suggestions (user_id, word, kind, uploads)
    select user_id, substr(entry, strpos(entry, ':') + 1), split_part(entry, ':', 1), count(*)
    from uploads, unnest(suggested) as entry where not hidden and trashed_at is null
    group by 1, 2, 3`
}
