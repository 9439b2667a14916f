import { Icon } from '../parts/icons.tsx'
import './drop-overlay.css'
import { isDraggingFiles } from './incoming.ts'

/** Shows that files can be let go anywhere. It lets everything through: what lies beneath may want them itself. */
export function DropOverlay() {
  if (!isDraggingFiles.value) return null
  return (
    <div class="drop-overlay" aria-hidden="true">
      <div class="drop-card">
        <Icon name="upload" size={32} />
        <p>Let go to add them</p>
        <p class="muted small">Files and whole folders, as many as you like</p>
      </div>
    </div>
  )
}
