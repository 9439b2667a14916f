import { readFile } from 'node:fs/promises'

/** Resident memory of a process, in MB. Linux. */
export async function readMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024)
}

/** By how much the values grow from one to the next, by least squares. */
export function slopeOf(values: readonly number[]): number {
  const meanX = (values.length - 1) / 2
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length
  const covariance = values.reduce((sum, value, x) => sum + (x - meanX) * (value - meanY), 0)
  const variance = values.reduce((sum, _value, x) => sum + (x - meanX) ** 2, 0)
  return variance === 0 ? 0 : covariance / variance
}
