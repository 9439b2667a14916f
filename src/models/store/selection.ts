import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError, toError } from '../../errors.ts'
import { readText, writeJson } from './durable.ts'
import { modelsFolder } from './pack-folders.ts'

const SelectionSchema = Type.Object({ pack: Type.String(), captions: Type.Enum(['keep', 'redo']) })

/** The chosen pack, and what becomes of the descriptions that another pack wrote. */
export type Selection = Static<typeof SelectionSchema>

const selectionPath = (dataDir: string) => join(modelsFolder(dataDir), 'selection.json')

/**
 * What `use` has chosen, or undefined when nobody ever did.
 * @throws AppError MODEL_PACK_INVALID when the file is damaged
 */
export async function readSelection(dataDir: string): Promise<Selection | undefined> {
  const path = selectionPath(dataDir)
  const text = await readText(path)
  if (text === undefined) return undefined
  const damaged = (cause?: unknown) =>
    new AppError('MODEL_PACK_INVALID', { detail: `${path} is damaged. Choose a pack again, or delete it.`, cause })
  try {
    const selection: unknown = JSON.parse(text)
    if (Value.Check(SelectionSchema, selection)) return selection
  } catch (thrown) {
    throw damaged(toError(thrown))
  }
  throw damaged()
}

export async function writeSelection(dataDir: string, selection: Selection): Promise<void> {
  await writeJson(selectionPath(dataDir), selection)
}
