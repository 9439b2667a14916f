import type { IconName } from '../parts/icons.tsx'

export interface NavEntry {
  readonly href: string
  readonly label: string
  readonly icon: IconName
}

/** The pages that the header leads to. */
export const NAV: readonly NavEntry[] = [
  { href: '/', label: 'Photos', icon: 'photos' },
  { href: '/albums', label: 'Albums', icon: 'albums' },
  { href: '/uploads', label: 'Uploads', icon: 'uploads' },
  { href: '/batches', label: 'Batches', icon: 'batches' },
  { href: '/trash', label: 'Trash', icon: 'trash' },
]

/** Whether a path lies beneath an entry. */
export function isWithin({ href }: NavEntry, path: string): boolean {
  return href === '/' ? path === '/' || path.startsWith('/photo/') : path === href || path.startsWith(`${href}/`)
}
