import { Button } from '../../parts/button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Waiting } from './section.tsx'
import type { Pages } from './use-pages.ts'

interface Props {
  pages: Pages<unknown>
  /** What the button for the next page says. */
  label: string
}

/** What stands below a list that comes in pages: what failed, that it is awaited, or a button for more. */
export function EndOfPages({ pages: { items, error, more, hasMore, isBusy }, label }: Props) {
  if (error !== undefined) return <ErrorNote error={error} retry={more} />
  if (items === undefined) return <Waiting />
  if (!hasMore) return null
  return (
    <Button busy={isBusy} onClick={more}>
      {label}
    </Button>
  )
}
