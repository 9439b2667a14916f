import { setTimeout as delay } from 'node:timers/promises'

const PAUSE_MS = 10
const TURNS = 1000

/** Waits for a state that nobody announces, such as a file that goes away; gives up after ten seconds. */
export async function until(state: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < TURNS && !(await state()); turn++) await delay(PAUSE_MS)
}
