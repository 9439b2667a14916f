import { sentence } from '../api/problem.ts'
import { Button } from './button.tsx'
import './error-note.css'
import { Icon } from './icons.tsx'

/** What went wrong, in the server's sentence, and a way to try again. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  return (
    <div class="error-note" role="alert">
      <Icon name="error" size={18} />
      <p>{sentence(error)}</p>
      {retry && (
        <Button kind="quiet" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}
