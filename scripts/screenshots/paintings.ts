import sharp from 'sharp'
import type { Sample } from '../../demo/samples.ts'

/** Colours of the sky above and at the horizon, of the sun, and of the farthest and the nearest hills. */
const LIGHTS = [
  { name: 'dawn', sky: ['#2b3a67', '#f6b89a'], sun: '#ffe3b8', hills: ['#8d6a7f', '#2a2438'] },
  { name: 'noon', sky: ['#4f9bd9', '#d9eef7'], sun: '#fffbe6', hills: ['#8fb7a5', '#2f5d50'] },
  { name: 'dusk', sky: ['#1f2a48', '#e98e5b'], sun: '#ffcf87', hills: ['#6d4c63', '#1b1526'] },
  { name: 'mist', sky: ['#9fb0b8', '#e6e9e6'], sun: '#f8f6ee', hills: ['#a9b6b3', '#4c5c5c'] },
  { name: 'autumn', sky: ['#7fa8c9', '#f3e3c3'], sun: '#fff3d1', hills: ['#c98f4e', '#6e3b1f'] },
  { name: 'night', sky: ['#070b1a', '#27365c'], sun: '#f1f0e4', hills: ['#1d2a45', '#05070f'] },
] as const

const SHAPES = [
  [1500, 1000],
  [1000, 1400],
  [1600, 900],
  [1200, 1200],
  [1500, 1000],
  [1800, 800],
] as const

/** Painted landscapes, no two alike: the same seed gives the same ones. */
export async function paintings(count: number, seed = 1): Promise<Sample[]> {
  const made: Sample[] = []
  for (let index = 0; index < count; index++) {
    const light = LIGHTS[(index + seed) % LIGHTS.length] ?? LIGHTS[0]
    const [width, height] = SHAPES[(index * 5 + seed) % SHAPES.length] ?? SHAPES[0]
    const svg = landscape(light, width, height, createDice(seed + index * 17))
    const bytes = new Uint8Array(await sharp(Buffer.from(svg)).jpeg({ quality: 88 }).toBuffer())
    made.push({ name: `Hills, ${light.name} ${seed + index}.jpg`, bytes })
  }
  return made
}

function landscape(
  { sky, sun, hills }: (typeof LIGHTS)[number],
  width: number,
  height: number,
  roll: (from: number, to: number) => number,
): string {
  const horizon = height * roll(0.5, 0.65)
  const ridges = Array.from({ length: 5 }, (_, index) => {
    const depth = index / 4
    const top = horizon + (height - horizon) * depth * 0.75 - height * 0.08 * (1 - depth)
    return `<path d="${ridge(width, height, top, height * roll(0.03, 0.09), roll)}" fill="${mix(hills, depth)}"/>`
  })
  const circle = `cx="${roll(0.2, 0.8) * width}" cy="${horizon * roll(0.45, 0.85)}" r="${height * roll(0.03, 0.06)}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="${sky[0]}"/><stop offset=".7" stop-color="${sky[1]}"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#sky)"/><circle ${circle} fill="${sun}"/>${ridges.join('')}</svg>`
}

/** A line of hills from one side to the other: three waves laid over each other. */
function ridge(width: number, height: number, top: number, swing: number, roll: (from: number, to: number) => number) {
  const waves = [1.3, 3.1, 7.9].map((pace, index) => ({ pace, from: roll(0, 6.3), share: 1 / (index * 2 + 1) }))
  const points = Array.from({ length: 121 }, (_, step) => {
    const x = step / 120
    const rise = waves.reduce((sum, { pace, from, share }) => sum + Math.sin(x * pace * 6.3 + from) * share, 0)
    return `${(x * width).toFixed(1)} ${(top - rise * swing).toFixed(1)}`
  })
  return `M0 ${height}L${points.join('L')}L${width} ${height}Z`
}

function mix([far, near]: readonly [string, string], depth: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [from, to] = [far, near].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number]
    return Math.round(from + (to - from) * depth)
  })
  return `rgb(${channels})`
}

/** Numbers that look drawn and are not: Park and Miller's generator. */
function createDice(seed: number) {
  let state = (seed * 2654435761) % 2147483646 || 1
  return (from: number, to: number) => {
    state = (state * 48271) % 2147483647
    return from + (state / 2147483647) * (to - from)
  }
}
