import type { ModelPack } from './pack.ts'

/** The packs that are open at one moment. */
export interface OpenPacks {
  /** Searches are answered from its vectors. */
  readonly active: ModelPack
  /** The pack to which the library is being moved; it writes the captions of what arrives meanwhile. */
  readonly next: ModelPack | undefined
}

export interface PackHost {
  /** The pack of this moment. What takes longer than a moment asks for it in `use`. */
  readonly active: ModelPack
  /**
   * Gives work the packs that are open now, and keeps them open until it is done: a search that runs while the active
   * pack changes ends with the one with which it began.
   */
  use<T>(work: (packs: OpenPacks) => Promise<T>): Promise<T>
  /** Opens the way to another pack. Resolves when all work that began without it has ended. */
  setNext(pack: ModelPack): Promise<void>
  /**
   * The next pack becomes the active one; the old one is closed when its last work has ended. Resolves when all work that
   * began before has ended.
   */
  promote(): Promise<void>
  hasNext(pack: ModelPack): boolean
  /** Gives the next pack up. */
  abandon(): void
  /** Waits for running inference and closes every pack. Idempotent. */
  close(): Promise<void>
}

/** The same functions, each of which keeps the packs of its moment open until it has ended. */
export function holdingPacks<Name extends string, Service extends Record<Name, (...args: never[]) => Promise<unknown>>>(
  { use }: PackHost,
  service: Service,
): Service {
  const held = Object.entries<(...args: never[]) => Promise<unknown>>(service).map(([name, member]) => [
    name,
    (...args: never[]) => use(() => member(...args)),
  ])
  return Object.fromEntries(held) as Service
}

/** Holds the model packs of the program, so that they can change while it runs. */
export function createPackHost(active: ModelPack): PackHost {
  let packs: OpenPacks = { active, next: undefined }
  const running = new Set<Promise<unknown>>()
  const closing = new Map<ModelPack, Promise<void>>()

  /** What runs now may use the pack; what begins later cannot. */
  function retire(pack: ModelPack): void {
    const closed = Promise.allSettled(running).then(() => pack.close())
    // Its threads end or they do not; nobody waits for them but `close`.
    closed.catch(() => undefined)
    closing.set(pack, closed)
  }

  return {
    get active() {
      return packs.active
    },
    async use(work) {
      const result = work(packs)
      running.add(result)
      try {
        return await result
      } finally {
        running.delete(result)
      }
    },
    async setNext(pack) {
      if (packs.next) retire(packs.next)
      const before = [...running]
      packs = { ...packs, next: pack }
      await Promise.allSettled(before)
    },
    hasNext: (pack) => packs.next === pack,
    async promote() {
      const { active: old, next } = packs
      if (!next) return
      const before = [...running]
      packs = { active: next, next: undefined }
      retire(old)
      await Promise.allSettled(before)
    },
    abandon() {
      const { active: kept, next } = packs
      if (!next) return
      packs = { active: kept, next: undefined }
      retire(next)
    },
    async close() {
      const open = [packs.active, ...(packs.next ? [packs.next] : [])]
      await Promise.all([...closing.values(), ...open.map((pack) => pack.close())])
    },
  }
}
