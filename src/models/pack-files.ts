import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError, systemCode } from '../errors.ts'
import type { InstalledPack } from './manifest.ts'

/** Written beside the manifest when a pack is installed: what was checked as it arrived. */
const INSTALLED_RECORD = 'installed.json'
/** Hashes that were counted here, for packs without that record (copied in by hand). */
const COUNTED_RECORD = '.hashes.json'

const InstalledSchema = Type.Object({
  files: Type.Array(
    Type.Object({ source: Type.String(), path: Type.String(), bytes: Type.Integer(), sha256: Type.String() }),
  ),
})
const CountedSchema = Type.Object({
  files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
})
type Hashes = Static<typeof CountedSchema>['files']

/** The files of an installed pack. Paths are relative to their source, as in the manifest. */
export interface PackFiles {
  /** Absolute. */
  locate(source: string, path: string): string
  /** A JSON object of the source that fits the schema; undefined when there is no such file. */
  readJson<Schema extends TSchema>(source: string, path: string, schema: Schema): Promise<Static<Schema> | undefined>
  /** SHA-256 of a graph and of the `<graph>_data*` files that hold its weights, in hexadecimal, joined by commas. */
  hashGraph(source: string, path: string): Promise<string>
}

export function openPackFiles({ manifest, directory }: InstalledPack): PackFiles {
  const locate = (source: string, path: string) => join(directory, source, ...path.split('/'))
  // One after another: two that count must not write over each other's record.
  let hashing: Promise<unknown> = Promise.resolve()

  const hashAll = async (source: string, path: string) => {
    const parts = (manifest.sources[source]?.files ?? [])
      .map((file) => file.path)
      .filter((other) => other.startsWith(`${path}_data`))
      .sort()
    const hashes: string[] = []
    for (const part of [path, ...parts]) hashes.push(await hashFile(directory, `${source}/${part}`))
    return hashes.join(',')
  }

  return {
    locate,
    readJson: (source, path, schema) => readChecked(locate(source, path), schema),
    hashGraph(source, path) {
      const result = hashing.then(() => hashAll(source, path))
      hashing = result.catch(() => undefined)
      return result
    },
  }
}

/** A record counts only while the size is the same: hashing 400 MB at every start would take seconds. */
async function hashFile(directory: string, name: string): Promise<string> {
  const path = join(directory, ...name.split('/'))
  const { size } = await stat(path)
  const installed = (await readChecked(join(directory, INSTALLED_RECORD), InstalledSchema))?.files ?? []
  const counted = (await readChecked(join(directory, COUNTED_RECORD), CountedSchema))?.files[name]
  const known = [...installed.filter(({ source, path }) => `${source}/${path}` === name), ...(counted ? [counted] : [])]
  const hash = known.find(({ bytes }) => bytes === size)?.sha256
  if (hash !== undefined) return hash

  const counting = createHash('sha256')
  await pipeline(createReadStream(path), counting, { end: false })
  const sha256 = counting.digest('hex')
  await keepCounted(directory, { [name]: { bytes: size, sha256 } })
  return sha256
}

async function keepCounted(directory: string, added: Hashes): Promise<void> {
  const record = join(directory, COUNTED_RECORD)
  const files = { ...(await readChecked(record, CountedSchema))?.files, ...added }
  const unfinished = `${record}.${process.pid}`
  await writeFile(unfinished, JSON.stringify({ files }))
  await rename(unfinished, record)
}

async function readChecked<Schema extends TSchema>(path: string, schema: Schema): Promise<Static<Schema> | undefined> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return undefined
    throw thrown
  })
  if (text === undefined) return undefined
  const value: unknown = parseJson(text, path)
  if (!Value.Check(schema, value)) {
    const [first] = Value.Errors(schema, value)
    throw new AppError('MODEL_FAILED', { detail: `${path}: ${first?.instancePath} ${first?.message}.` })
  }
  return value
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('MODEL_FAILED', { detail: `${path} is not JSON.`, cause })
  }
}
