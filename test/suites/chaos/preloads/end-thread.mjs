/** Ends the thread of the database, or those of the models, when the server is sent SIGUSR2. END_THREAD says which. */
import { isMainThread, workerData } from 'node:worker_threads'

const channel = new BroadcastChannel('chaos-end')
channel.unref()
if (isMainThread) process.on('SIGUSR2', () => channel.postMessage('end'))
else {
  const isDatabase = typeof workerData === 'object' && workerData !== null && 'databaseDir' in workerData
  channel.onmessage = () => {
    if (isDatabase === (process.env.END_THREAD === 'database')) process.exit(1)
  }
}
