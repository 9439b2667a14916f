import { fileURLToPath } from 'node:url'
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts'

/** The threads that run this pack's models. */
export type Inference = WorkerPool<typeof import('../inference-worker.ts')>

export function createInference(workers: number): Inference {
  const url = new URL('../inference-worker.js', import.meta.url)
  return createWorkerPool({ filename: fileURLToPath(url), workers })
}
