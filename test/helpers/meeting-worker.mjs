import { threadId } from 'node:worker_threads'

/**
 * Ends when two of these are at work at the same time. Gives the number of its thread.
 * @param {Int32Array<SharedArrayBuffer>} met
 * @returns {Promise<number>}
 */
export async function meet(met) {
  if (Atomics.add(met, 0, 1) === 1) Atomics.notify(met, 0)
  else Atomics.wait(met, 0, 1)
  return threadId
}
