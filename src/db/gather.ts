import { isConnectionLost } from '../errors.ts'

/** A statement of so many is still short for whoever waits behind it. */
const MOST = 100

/**
 * Lets those go together who come at the same moment: the first goes at once, and who comes meanwhile goes with all the
 * others when it is back. A commit waits for the disk, and many share one.
 * When several fail, each goes again alone: the reason may be one of them. Not after a lost connection, when nobody knows
 * what was kept.
 * @param work gives what became of each item, in their order; all of them are kept, or none
 */
export function gather<Item, Result>(work: (items: readonly Item[]) => Promise<readonly Result[]>) {
  const waiting: { item: Item; resolve: (result: Result) => void; reject: (thrown: unknown) => void }[] = []
  let isUnderWay = false

  async function goTogether(those: typeof waiting): Promise<void> {
    try {
      const results = await work(those.map(({ item }) => item))
      for (const [index, { resolve }] of those.entries()) resolve(results[index] as Result)
    } catch (thrown) {
      if (those.length > 1 && !isConnectionLost(thrown)) for (const one of those) await goTogether([one])
      else for (const { reject } of those) reject(thrown)
    }
  }

  async function goOn(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) await goTogether(waiting.splice(0, MOST))
    isUnderWay = false
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isUnderWay) void goOn()
    })
}
