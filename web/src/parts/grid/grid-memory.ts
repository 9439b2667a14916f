import { user } from '../../api/session.ts'
import type { GridSource } from './grid-source.ts'
import { createSelection, type Selection } from './selection.ts'

/** What a grid is when nobody looks at it, so that coming back finds it as it was left. */
export interface GridMemory {
  readonly source: GridSource
  readonly selection: Selection
  /** How far it was scrolled. */
  y: number
  /** Which upload had the focus last. */
  focusId: string | undefined
  /** Which takes the focus as soon as it is in the page. */
  wantedId: string | undefined
}

/** A few places back is as far as people go. */
const KEPT = 4
const memories = new Map<string, GridMemory>()
let owner: string | undefined

/** The grid of an address: the one that was left there, or a new one. Another account sees nothing of this one. */
export function recallGrid(key: string, create: () => GridSource): GridMemory {
  if (owner !== user.peek()?.id) memories.clear()
  owner = user.peek()?.id
  const memory = memories.get(key) ?? {
    source: create(),
    selection: createSelection(),
    y: 0,
    focusId: undefined,
    wantedId: undefined,
  }
  memories.delete(key)
  memories.set(key, memory)
  for (const oldest of [...memories.keys()].slice(0, -KEPT)) memories.delete(oldest)
  return memory
}

/** What was changed elsewhere, in the viewer say, is changed in all grids that are remembered. */
export function inAllGrids(change: (source: GridSource) => void): void {
  for (const { source } of memories.values()) change(source)
}
