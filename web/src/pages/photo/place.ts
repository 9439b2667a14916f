export interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** Takes `47.37, 8.54` as maps give it out, with N, S, E, W and degree signs as people write it. */
export function parsePlace(text: string): Place | undefined {
  const found = [...text.matchAll(/(-?\d+(?:\.\d+)?)\s*°?\s*([NSEW])?/gi)]
  const [first, second] = found
  if (found.length !== 2 || !first || !second) return undefined
  const value = ([, number = '', side = '']: RegExpMatchArray) => Number(number) * (/[SW]/i.test(side) ? -1 : 1)
  const place = { latitude: value(first), longitude: value(second) }
  return Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 ? place : undefined
}

/** `47.3700° N, 8.5400° E` */
export function placeLabel({ latitude, longitude }: Place): string {
  const part = (value: number, plus: string, minus: string) =>
    `${Math.abs(value).toFixed(4)}° ${value < 0 ? minus : plus}`
  return `${part(latitude, 'N', 'S')}, ${part(longitude, 'E', 'W')}`
}
