import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { fileUrl } from '../../api/media.ts'
import { onKey } from '../../app/keyboard.ts'
import { closePhoto, navigate, photo } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { IconButton } from '../../parts/button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { AlbumPicker } from '../../parts/grid/album-picker.tsx'
import { noteSeen } from '../../parts/grid/trail.ts'
import { hideUploads, oneChosen, trashUploads } from '../../parts/grid/upload-actions.ts'
import { momentLabel } from '../../parts/grid/words.ts'
import { Icon } from '../../parts/icons.tsx'
import { Film } from './film.tsx'
import { type Neighbours, useNeighbours } from './neighbours.ts'
import './photo.css'
import { type PhotoState, usePhoto } from './photo-state.ts'
import { Picture } from './picture.tsx'
import { SidePanel } from './side-panel.tsx'

/** Whoever opens the panel wants it beside the next photo, too. */
const isPanelOpen = signal(false)

/** One photo or video, over everything else. */
export default function PhotoPage() {
  const open = photo.value
  return open ? <Viewer id={open.id} seconds={readSeconds(open.query.get('t'))} /> : null
}

function readSeconds(text: string | null): number | undefined {
  const seconds = text === null ? Number.NaN : Number(text)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

function Viewer({ id, seconds }: { id: string; seconds: number | undefined }) {
  const state = usePhoto(id)
  const { upload, error } = state
  const neighbours = useNeighbours(upload)
  const viewer = useRef<HTMLDivElement>(null)
  const [picking, setPicking] = useState(false)
  useEffect(() => noteSeen(id), [id])
  useTitle(upload?.filename ?? 'Photo')
  const tools = useTools(state, neighbours, () => setPicking(true))
  useViewerKeys(tools)
  useEffect(() => viewer.current?.focus({ preventScroll: true }), [])

  return (
    <div
      ref={viewer}
      class="viewer"
      role="dialog"
      aria-modal="true"
      aria-label={upload?.filename ?? 'Photo'}
      tabIndex={-1}
      data-panel={isPanelOpen.value ? '' : undefined}
    >
      <div class="viewer-stage">
        {upload && <Stage key={upload.id} upload={upload} seconds={seconds} tools={tools} />}
        {!upload && error !== undefined && <ErrorNote error={error} retry={state.retry} />}
        {neighbours.before && (
          <IconButton
            class="viewer-side viewer-before"
            icon="chevron-left"
            label="Previous"
            onClick={() => tools.step(-1)}
          />
        )}
        {neighbours.after && (
          <IconButton
            class="viewer-side viewer-after"
            icon="chevron-right"
            label="Next"
            onClick={() => tools.step(1)}
          />
        )}
        <Bar upload={upload} tools={tools} />
      </div>
      {isPanelOpen.value && upload && <SidePanel key={upload.id} upload={upload} state={state} />}
      <AlbumPicker ids={picking && upload ? [upload.id] : undefined} onClose={() => setPicking(false)} />
    </div>
  )
}

function Stage({ upload, seconds, tools }: { upload: Upload; seconds: number | undefined; tools: Tools }) {
  if (upload.file_type === 'video') return <Film upload={upload} seconds={seconds} />
  return <Picture upload={upload} onStep={tools.step} onClose={closePhoto} />
}

function Bar({ upload, tools }: { upload: Upload | undefined; tools: Tools }) {
  return (
    <header class="viewer-bar">
      <IconButton icon="arrow-left" label="Close" onClick={closePhoto} />
      <p class="viewer-title">
        {upload && (
          <>
            <span class="viewer-name">{upload.filename}</span>
            <span class="viewer-time">{momentLabel(upload.taken_at ?? upload.created_at)}</span>
          </>
        )}
      </p>
      {upload && (
        <>
          <IconButton
            icon="info"
            label="Details"
            pressed={isPanelOpen.value}
            onClick={() => {
              isPanelOpen.value = !isPanelOpen.value
            }}
          />
          <IconButton icon="albums" label="Add to album" onClick={tools.pick} />
          <a
            class="icon-button"
            href={fileUrl(upload.id)}
            download={upload.filename}
            aria-label="Download"
            title="Download"
          >
            <Icon name="download" />
          </a>
          <IconButton
            icon={upload.hidden ? 'show' : 'hide'}
            label={upload.hidden ? 'Show again' : 'Hide'}
            onClick={tools.hide}
          />
          <IconButton icon="trash" label="Move to the trash" onClick={tools.trash} />
        </>
      )}
    </header>
  )
}

interface Tools {
  step(step: 1 | -1): void
  pick(): void
  hide(): void
  trash(): void
}

function useTools({ upload, change }: PhotoState, { before, after }: Neighbours, pick: () => void): Tools {
  const goTo = (next: Upload | undefined) => {
    if (next) navigate(`/photo/${next.id}`, { replace: true })
  }
  return {
    pick,
    step: (step) => goTo(step === 1 ? after : before),
    async hide() {
      if (!upload) return
      const hidden = !upload.hidden
      if (await hideUploads(oneChosen(upload), hidden)) change({ ...upload, hidden })
    },
    async trash() {
      if (!upload) return
      // The next one takes its place; at the end, the one before; of a single one, nothing is left to see.
      const next = after ?? before
      if (next) goTo(next)
      else closePhoto()
      await trashUploads(oneChosen(upload))
    },
  }
}

function useViewerKeys(tools: Tools): void {
  const current = useRef(tools)
  current.current = tools
  useEffect(() => {
    const step = (by: 1 | -1) => (event: KeyboardEvent) => {
      if (event.target instanceof HTMLVideoElement || event.shiftKey) return
      event.preventDefault()
      current.current.step(by)
    }
    const keys = [
      onKey('ArrowLeft', step(-1)),
      onKey('ArrowRight', step(1)),
      onKey('Delete', () => current.current.trash()),
      onKey('i', () => {
        isPanelOpen.value = !isPanelOpen.value
      }),
      onKey('Escape', (event) => {
        event.preventDefault()
        closePhoto()
      }),
    ]
    return () => {
      for (const stop of keys) stop()
    }
  }, [])
}
