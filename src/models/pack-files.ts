import { join } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../errors.ts'
import { readText } from './store/durable.ts'
import type { InstalledPack } from './store/installed.ts'

/** The files of an installed pack. Paths are relative to their source, as in the manifest. */
export interface PackFiles {
  /** Absolute. */
  locate(source: string, path: string): string
  /** A JSON object of the source that fits the schema; undefined when there is no such file. */
  readJson<Schema extends TSchema>(source: string, path: string, schema: Schema): Promise<Static<Schema> | undefined>
  /**
   * SHA-256 of a graph (or any other file) and of the `<graph>_data*` files that hold its weights, in hexadecimal, joined
   * by commas: as they arrived, since hashing 400 MB at every start would take seconds.
   * @throws AppError MODEL_FAILED when the record does not know it
   */
  hashGraph(source: string, path: string): string
}

export function openPackFiles({ directory, files }: InstalledPack): PackFiles {
  const locate = (source: string, path: string) => join(directory, source, ...path.split('/'))
  return {
    locate,
    readJson: (source, path, schema) => readChecked(locate(source, path), schema),
    hashGraph(source, path) {
      const own = files.filter((file) => file.source === source)
      const graph = own.find((file) => file.path === path)
      if (!graph) throw new AppError('MODEL_FAILED', { detail: `${source}/${path} was never installed.` })
      const weights = own.filter((file) => file.path.startsWith(`${path}_data`))
      weights.sort((one, other) => (one.path < other.path ? -1 : 1))
      return [graph, ...weights].map(({ sha256 }) => sha256).join(',')
    },
  }
}

async function readChecked<Schema extends TSchema>(path: string, schema: Schema): Promise<Static<Schema> | undefined> {
  const text = await readText(path)
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
