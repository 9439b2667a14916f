/** Sets the clock of every thread of the server by CLOCK_SHIFT_MS when it is sent SIGUSR2: as NTP or a person does. */
import { isMainThread } from 'node:worker_threads'

const channel = new BroadcastChannel('chaos-clock')
channel.unref()
const { now } = Date
let shiftMs = 0
const shift = () => {
  shiftMs = Number(process.env.CLOCK_SHIFT_MS)
}
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now()] : args))
  }
}
RealDate.now = () => now() + shiftMs
globalThis.Date.now = RealDate.now
channel.onmessage = shift
if (isMainThread) {
  process.on('SIGUSR2', () => {
    shift()
    channel.postMessage('shift')
    process.stdout.write('{"msg":"the clock was set"}\n')
  })
}
