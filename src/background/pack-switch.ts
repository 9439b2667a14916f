import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { ModelPackStore, WantedModels } from '../db/model-packs.ts'
import type { ClaimedUpload } from '../db/processing.ts'
import { AppError, isConnectionLost, toError } from '../errors.ts'
import { encodersOf, type ModelPack } from '../models/pack.ts'
import type { PackHost } from '../models/pack-host.ts'
import { type ReembedTools, reembed } from './reembed.ts'

/** Which pack the library should be found by, and what becomes of the descriptions that another one wrote. */
export interface PackChoice {
  readonly pack: string
  readonly captions: 'keep' | 'redo'
}

/** How far the library is on its way to a pack. */
export interface SwitchProgress extends PackChoice {
  /** `failed`: the pack could not be opened; nothing has changed. */
  readonly state: 'opening' | 'embedding' | 'failed'
  readonly startedAt: Date
  readonly total: number
  readonly done: number
  /** Uploads of which the new pack could make nothing. They keep their words. */
  readonly givenUp: number
  readonly etaSeconds: number | null
  readonly error: string | null
}

export interface PackSwitchDeps extends ReembedTools {
  readonly host: PackHost
  readonly store: ModelPackStore
  /** Opens an installed pack by its name. */
  openPack(name: string): Promise<ModelPack>
  /** Called whenever `progress` says something else. */
  tell(): void
  readonly log: Logger
  /** Uploads embedded at the same time. */
  readonly concurrency: number
}

/** The database is started again within a second, or by a person. */
const RECONNECT_MS = 5000
/** Read at once; the pictures of each are decoded only when its turn comes. */
const PAGE = 32

/**
 * Moves the library to another model pack while everything goes on: vectors of the new pack are written beside those
 * of the old one, searches are answered from the old ones until no upload lacks new ones, then the new pack takes over.
 * What is missing is asked of the rows, so a restart goes on where it stopped.
 */
export function createPackSwitch({ host, store, openPack, tell, log, concurrency, ...tools }: PackSwitchDeps) {
  let progress: SwitchProgress | undefined
  let stopped = false
  let current: { choice: PackChoice; abort: AbortController; ended: Promise<void> } | undefined

  function set(next: SwitchProgress | undefined): void {
    progress = next
    tell()
  }

  const note = (changes: Partial<SwitchProgress>) => {
    if (progress) set({ ...progress, ...changes })
  }

  async function embedOne(upload: ClaimedUpload, pack: ModelPack, wanted: WantedModels, signal: AbortSignal) {
    try {
      const redoCaption = wanted.captioner !== undefined && upload.describedBy !== wanted.captioner
      await store.keep(upload, await reembed(upload, { pack, redoCaption, signal }, tools))
    } catch (thrown) {
      if (signal.aborted || isConnectionLost(thrown)) throw thrown
      const error = toError(thrown)
      log.warn({ uploadId: upload.id, pack: pack.name, err: error }, 'an upload could not be embedded')
      await store.giveUp(upload.id, wanted, error instanceof AppError ? error.code : 'INTERNAL')
      note({ givenUp: (progress?.givenUp ?? 0) + 1 })
    }
  }

  /** Once through all uploads that lack something. @returns how many there were */
  async function pass(pack: ModelPack, wanted: WantedModels, signal: AbortSignal): Promise<number> {
    const limit = pLimit(concurrency)
    const startedMs = performance.now()
    let found = 0
    let after: string | undefined
    for (;;) {
      signal.throwIfAborted()
      const page = await store.findMissing(wanted, after, PAGE)
      after = page.at(-1)?.id
      if (after === undefined) return found
      await Promise.all(
        page.map((upload) =>
          limit(async () => {
            signal.throwIfAborted()
            await embedOne(upload, pack, wanted, signal)
            found++
            countDone(found, performance.now() - startedMs)
          }),
        ),
      )
    }
  }

  function countDone(found: number, elapsedMs: number): void {
    if (!progress) return
    const done = Math.min(progress.done + 1, progress.total)
    const etaSeconds = Math.round(((progress.total - done) * elapsedMs) / found / 1000)
    note({ done, etaSeconds })
    const percent = (part: number) => Math.floor((part / Math.max(1, progress?.total ?? 1)) * 10)
    if (percent(done) > percent(done - 1)) {
      log.info({ pack: progress.pack, done, total: progress.total, etaSeconds }, 'embedding the library')
    }
  }

  async function embedAll(pack: ModelPack, wanted: WantedModels, signal: AbortSignal): Promise<void> {
    // Again until nothing is found: what was developed or edited meanwhile may lack something once more.
    while ((await pass(pack, wanted, signal)) > 0);
  }

  async function moveTo({ pack: name, captions }: PackChoice, signal: AbortSignal): Promise<void> {
    const pack = await openPack(name)
    try {
      await pack.warm()
      signal.throwIfAborted()
      const wanted = {
        encoders: encodersOf(pack),
        ...(captions === 'redo' && { captioner: pack.captioner.fingerprint }),
      }
      await store.forgive(wanted.encoders)
      // From here on, whatever is developed gets the vectors of both packs.
      const settled = host.setNext(pack)
      note({ state: 'embedding', total: await store.countMissing(wanted) })
      await embedAll(pack, wanted, signal)
      await settled
      await embedAll(pack, wanted, signal)
      // What was begun by the old pack alone, such as an edit, may still lack something: `fillGaps` looks once more.
      await store.setActive({ name, encoders: [] })
    } catch (thrown) {
      if (host.hasNext(pack)) host.abandon()
      else await pack.close()
      throw thrown
    }
    await host.promote()
    log.info({ pack: name, givenUp: progress?.givenUp }, 'the library is found by another model pack now')
  }

  /** What the active pack's models have not seen: after a change, or since this program has newer ones. */
  async function fillGaps(signal: AbortSignal): Promise<void> {
    const { active } = host
    const [encoders, done] = [encodersOf(active), (await store.findActive())?.encoders ?? []]
    if (encoders.every((encoder) => done.includes(encoder))) return
    await host.use(() => embedAll(active, { encoders }, signal))
    await store.setActive({ name: active.name, encoders })
  }

  async function go(choice: PackChoice, signal: AbortSignal): Promise<void> {
    if (choice.pack === host.active.name) return fillGaps(signal)
    const startedAt = new Date()
    set({ ...choice, state: 'opening', startedAt, total: 0, done: 0, givenUp: 0, etaSeconds: null, error: null })
    await moveTo(choice, signal)
    set(undefined)
    await fillGaps(signal)
  }

  async function run(choice: PackChoice, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        try {
          return await go(choice, signal)
        } catch (thrown) {
          if (!isConnectionLost(thrown)) throw thrown
          log.warn(
            { err: toError(thrown), pack: choice.pack },
            'the database is away; embedding goes on when it is back',
          )
          await delay(RECONNECT_MS, undefined, { signal, ref: false })
        }
      }
    } catch (thrown) {
      set(signal.aborted || !progress ? undefined : { ...progress, state: 'failed', error: sentenceOf(thrown) })
      if (!signal.aborted) log.error({ err: toError(thrown), pack: choice.pack }, 'embedding the library failed')
    }
  }

  return {
    /** Where the library is on its way to another pack; undefined when it is not. */
    progress: () => progress,

    /** Begins to move the library to a pack; what was under way before is given up, what it has done is kept. */
    choose(choice: PackChoice): void {
      const before = current
      const isUnderWay = before?.choice.pack === choice.pack && before.choice.captions === choice.captions
      if (stopped || (isUnderWay && progress?.state !== 'failed')) return
      before?.abort.abort()
      const abort = new AbortController()
      const ended = (before?.ended ?? Promise.resolve()).then(() => run(choice, abort.signal))
      current = { choice, abort, ended }
    },

    /** Stops after what runs; the next start goes on. */
    async stop(): Promise<void> {
      stopped = true
      current?.abort.abort()
      await current?.ended
    },
  }
}

/** For the owner; the whole story is in the log. */
function sentenceOf(thrown: unknown): string {
  const error = toError(thrown)
  return error instanceof AppError ? error.message : 'Something went wrong; the log says what.'
}
