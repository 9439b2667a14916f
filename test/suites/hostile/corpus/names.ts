import type { Random } from './random.ts'

const NAMES: readonly ((extension: string, number: number) => string)[] = [
  (extension, number) => `../../../../etc/cron.d/${number}.${extension}`,
  (extension, number) => `..\\..\\windows\\${number}.${extension}`,
  (extension, number) => `/etc/passwd/${number}.${extension}`,
  (extension, number) => `C:\\${number}.${extension}`,
  (extension, number) => `a\u0000${number}.${extension}`,
  (extension, number) => `\u202e${number}gpj.${extension}`,
  (extension, number) => `a"; filename="${number}.${extension}`,
  (extension, number) => `a\r\nx-injected: ${number}.${extension}`,
  (extension, number) => `\u001b[31m${number}\u0007.${extension}`,
  (extension, number) => `${'long'.repeat(2500)}${number}.${extension}`,
  (_extension, number) => `${'.'.repeat(1 + (number % 4))}`,
  () => '',
  () => 'con',
  (extension, number) => `\ud800${number}.${extension}`,
  (extension, number) => `<img src=x onerror=alert(${number})>.${extension}`,
  (extension, number) => `%2e%2e%2f${number}.${extension}`,
  (extension, number) => `${'e\u0301'.repeat(300)}${number}.${extension}`,
  (extension, number) => `'; drop table uploads; -- ${number}.${extension}`,
]

/** Every third name is one that somebody could stumble over. */
export function nameFor(extension: string, number: number, random: Random): string {
  const hostile = number % 3 === 0 ? NAMES[random.below(NAMES.length)] : undefined
  return hostile?.(extension, number) ?? `file-${number}.${extension}`
}
