import { useEffect } from 'preact/hooks'

/** The title of the tab, for as long as the page shows what it names. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Darkroom' : `${title} · Darkroom`
  }, [title])
}
