/** The longest time in milliseconds that the database's 32-bit integers hold: almost 25 days. */
const MAX_TIME_MS = 2 ** 31 - 1

/** A length in seconds, or undefined when it is none that a video can have: nothing, endless, or weeks. */
export function plausibleDuration(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds > 0 && seconds * 1000 <= MAX_TIME_MS ? seconds : undefined
}

/** The time of a frame in whole milliseconds from the start, 0 to 2^31 - 1; what is no time at all is the start. */
export function toTimeMs(seconds: number): number {
  const timeMs = Math.round(seconds * 1000)
  return timeMs > 0 ? Math.min(timeMs, MAX_TIME_MS) : 0
}
