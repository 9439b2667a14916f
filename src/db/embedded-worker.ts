import { fsyncSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { toError } from '../errors.ts'
import type { WorkerTask } from './embedded-supervisor.ts'

/** A tenth of what PostgreSQL takes: WASM memory never shrinks, and the system's cache holds the pages anyway. */
const SHARED_BUFFERS = '32MB'
const HEARTBEAT_MS = 1000
/** EX_SOFTWARE: the backend broke. Only this thread ends. */
const BROKEN_BACKEND = 70
/** The status of the exit with which PGlite takes PostgreSQL's own longjmp. */
const LONGJMP_STATUS = 100

/** PGlite's file system does nothing on fsync, so a power cut could lose what was acknowledged. This one does it. */
class DurableNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const started = await super.init(...args)
    started.emscriptenOpts.preRun?.push((module) => {
      const { stream_ops } = nodeFsOf(module.FS)
      stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) fsyncSync(nfd)
        return 0
      }
    })
    return started
  }
}

interface EmscriptenNodeFs {
  stream_ops: { fsync?: (stream: { nfd?: number }) => number }
}

function nodeFsOf(fs: object): EmscriptenNodeFs {
  return (fs as { filesystems: { NODEFS: EmscriptenNodeFs } }).filesystems.NODEFS
}

/** PostgreSQL's start parameters. PGlite passes -F (no fsync); a later `fsync=on` alone does not undo it. */
function startParams(): string[] {
  const settings = [
    'fsync=on',
    'wal_sync_method=fsync',
    `shared_buffers=${SHARED_BUFFERS}`,
    'max_wal_size=128MB',
    'min_wal_size=32MB',
  ]
  return [...PGlite.defaultStartParams.filter((param) => param !== '-F'), ...settings.flatMap((it) => ['-c', it])]
}

/**
 * PGlite swallows everything that is thrown out of its WASM: a stack overflow, memory out of bounds, an exit. After that
 * the backend answers with empty results or not at all. Ending the thread is the cure: it starts anew and recovers.
 */
function dieWithBackend({ Module }: PGlite): void {
  const wrap = (run: () => void, isOwn: (thrown: unknown) => boolean) => () => {
    try {
      run()
    } catch (thrown) {
      if (!isOwn(thrown)) die(thrown)
      throw thrown
    }
  }
  Module._PostgresMainLoopOnce = wrap(Module._PostgresMainLoopOnce, isLongJmp)
  Module._PostgresMainLongJmp = wrap(Module._PostgresMainLongJmp, () => false)
}

function isLongJmp(thrown: unknown): boolean {
  return thrown !== null && typeof thrown === 'object' && 'status' in thrown && thrown.status === LONGJMP_STATUS
}

function die(thrown: unknown): never {
  parentPort?.postMessage(new Error(`The backend broke: ${toError(thrown).message}`))
  process.exit(BROKEN_BACKEND)
}

async function serve(database: PGlite, socketPath: string): Promise<void> {
  dieWithBackend(database)
  // Left behind by a process or a worker that was killed. The data folder is locked, so nobody else listens there.
  rmSync(socketPath, { force: true })
  const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 1 })
  await server.start()
  parentPort?.on('message', async () => {
    await server.stop()
    await database.close()
    process.exit(0)
  })
  setInterval(() => parentPort?.postMessage('beat'), HEARTBEAT_MS)
  parentPort?.postMessage('ready')
}

const { wasm, databaseDir, socketPath } = workerData as WorkerTask
const database = await PGlite.create({
  fs: new DurableNodeFS(databaseDir),
  extensions: { vector },
  startParams: startParams(),
  pgliteWasmModule: wasm,
})
if (socketPath === undefined) {
  await database.exec('checkpoint')
  await database.close()
  process.exit(0)
}
await serve(database, socketPath)
