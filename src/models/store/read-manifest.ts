import { Value } from 'typebox/value'
import { AppError } from '../../errors.ts'
import { type PackManifest, PackManifestSchema } from '../manifest.ts'
import { BASIC, OWN_MANIFESTS } from './pack-folders.ts'

const RESERVED_NAMES = [BASIC, OWN_MANIFESTS]

/**
 * Reads and checks a manifest; what it leaves out gets its default.
 * @param where says in sentences which manifest it is
 * @throws AppError MODEL_PACK_INVALID with one sentence per problem
 */
export function readManifest(text: string, where: string): PackManifest {
  const manifest = Value.Default(PackManifestSchema, parseJson(text, where))
  if (!Value.Check(PackManifestSchema, manifest)) {
    const problems = Value.Errors(PackManifestSchema, manifest).map(
      ({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.') || 'The whole'} ${message}`,
    )
    throw invalid(where, problems)
  }
  const problems = [...problemsOfName(manifest), ...problemsOfSources(manifest), ...problemsOfParts(manifest)]
  if (problems.length > 0) throw invalid(where, problems)
  return manifest
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('MODEL_PACK_INVALID', { detail: `${where} is not JSON.`, cause })
  }
}

function invalid(where: string, problems: readonly string[]): AppError {
  return new AppError('MODEL_PACK_INVALID', {
    detail: `${where} is not a valid manifest: ${[...new Set(problems)].join('; ')}.`,
  })
}

function problemsOfName({ name }: PackManifest): string[] {
  return RESERVED_NAMES.includes(name) ? [`no pack may be called ${name}`] : []
}

/** What a pattern cannot say: names that lead elsewhere, and files that would be written over each other. */
function problemsOfSources({ sources }: PackManifest): string[] {
  return Object.entries(sources).flatMap(([name, { repository, revision, files }]) => {
    const wayward = [...repository.split('/'), ...revision.split('/')].filter((part) => /^\.*$/.test(part))
    const problems = wayward.length > 0 ? [`the repository or revision of ${name} is not a name`] : []
    // Some file systems do not tell capital letters from small ones.
    const paths = files.map(({ path }) => path.toLowerCase())
    for (const path of paths) {
      if (paths.filter((other) => other === path || other.startsWith(`${path}/`)).length > 1) {
        problems.push(`${path} is in the way of another file of ${name}`)
      }
      if (path.endsWith('.part')) problems.push(`${path} ends like a file that is still arriving`)
    }
    return problems
  })
}

function problemsOfParts(manifest: PackManifest): string[] {
  return pathsOfParts(manifest).flatMap(({ source, paths }) => {
    const found = manifest.sources[source]
    if (found === undefined) return [`there is no source ${source}`]
    const listed = new Set(found.files.map(({ path }) => path))
    return paths.filter((path) => !listed.has(path)).map((path) => `${path} is not among the files of ${source}`)
  })
}

/** The graphs that each part of a pack loads. */
function pathsOfParts({ encoders, captioner }: PackManifest): { source: string; paths: string[] }[] {
  const parts = [{ source: encoders.source, paths: [encoders.vision, encoders.text] }]
  switch (captioner.kind) {
    case 'basic':
      return parts
    case 'vit-gpt2':
      return [...parts, { source: captioner.source, paths: [captioner.encoder, captioner.decoder] }]
    case 'florence-2': {
      const { source, vision, embed, encoder, decoder } = captioner
      return [...parts, { source, paths: [vision, embed, encoder, decoder] }]
    }
  }
}
