import type { ComponentType } from 'preact'

interface Page {
  /** For the tab, until the page itself knows better. */
  readonly title: string
  readonly load: () => Promise<{ default: ComponentType }>
}

/** Every page, by the first part of its path. Each is loaded when it is first shown. */
const PAGES: Readonly<Record<string, Page>> = {
  '': { title: 'Photos', load: () => import('../pages/photos/index.tsx') },
  photo: { title: 'Photo', load: () => import('../pages/photo/index.tsx') },
  search: { title: 'Search', load: () => import('../pages/search/index.tsx') },
  uploads: { title: 'Uploads', load: () => import('../pages/uploads/index.tsx') },
  batches: { title: 'Batches', load: () => import('../pages/batches/index.tsx') },
  albums: { title: 'Albums', load: () => import('../pages/albums/index.tsx') },
  trash: { title: 'Trash', load: () => import('../pages/trash/index.tsx') },
  settings: { title: 'Settings', load: () => import('../pages/settings/index.tsx') },
  welcome: { title: 'Welcome', load: () => import('../pages/welcome/index.tsx') },
}

/** The name of the page that a path leads to; undefined when there is none. */
export function pageName(path: string): string | undefined {
  const name = path.split('/')[1] ?? ''
  return Object.hasOwn(PAGES, name) ? name : undefined
}

export function pageTitle(name: string): string {
  return PAGES[name]?.title ?? 'Not found'
}

const loaded = new Map<string, ComponentType>()

/** The component of a page that was loaded before. */
export function loadedPage(name: string): ComponentType | undefined {
  return loaded.get(name)
}

/** @throws when its file cannot be fetched: the server is away, or a newer one has other files */
export async function loadPage(name: string): Promise<ComponentType | undefined> {
  const module = await PAGES[name]?.load()
  if (module) loaded.set(name, module.default)
  return module?.default
}
