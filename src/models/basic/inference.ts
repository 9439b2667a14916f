import { fileURLToPath } from 'node:url'
import { builtFile } from '../../paths.ts'
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts'

/** The threads that run this pack's models. */
export type Inference = WorkerPool<typeof import('../inference-worker.ts')>

export function createInference(workers: number): Inference {
  return createWorkerPool({ filename: fileURLToPath(builtFile('models/inference-worker.js')), workers })
}
