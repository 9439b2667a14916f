import type { DuplicateList, ResolveDuplicates, Resolved } from '../../../../src/schemas/duplicates.ts'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { send, sentence } from '../../api/client.ts'
import { thumbnailUrl } from '../../api/media.ts'
import { Link, navigate } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { forgetUploads } from '../../live/store.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { formatBytes, formatMoment, plural } from '../../parts/format.ts'
import { setTrail, trailOfUploads } from '../../parts/grid/trail.ts'
import { EndOfPages } from './end-of-pages.tsx'
import { Section } from './section.tsx'
import { usePages } from './use-pages.ts'

type Group = DuplicateList['items'][number]

/** Pictures that look like copies, side by side: one is kept, or all. */
export function CopiesSection() {
  const groups = usePages<Group>('/v1/duplicates')
  const { items, hasMore } = groups
  const settle = (group: Group) => groups.change((now) => now.filter((other) => other !== group))
  return (
    <Section
      title="Likely copies"
      intro="Pictures that look nearly the same. Keep one and the others go to the trash, where they can be brought back; or say that they are no copies, and they are not shown here again."
    >
      {items?.map((group) => (
        <CopyGroup
          key={group.uploads.map(({ id }) => id).join(' ')}
          group={group}
          onSettled={() => settle(group)}
          onBack={groups.reload}
        />
      ))}
      {items?.length === 0 && !hasMore && <EmptyState icon="check" title="No copies" />}
      <EndOfPages pages={groups} label="Show more" />
    </Section>
  )
}

interface GroupProps {
  group: Group
  onSettled: () => void
  onBack: () => void
}

function CopyGroup({ group: { uploads, similarity }, onSettled, onBack }: GroupProps) {
  const ids = uploads.map(({ id }) => id)
  const resolve = async (request: ResolveDuplicates) => {
    try {
      const { trashed } = await send<Resolved>('POST', '/v1/duplicates/resolve', request)
      onSettled()
      forgetUploads(trashed)
      if (trashed.length > 0) tellTrashed(trashed, onBack)
      else toast('They are not shown as copies any more.')
    } catch (thrown) {
      toast(sentence(thrown), { kind: 'error' })
    }
  }
  return (
    <article class="copies" aria-label={plural(uploads.length, 'likely copy', 'likely copies')}>
      <ul class="copies-row">
        {uploads.map((upload) => (
          <li key={upload.id} class="copy">
            <Copy upload={upload} group={uploads} />
            <Button
              onClick={() => void resolve({ keep_id: upload.id, trash_ids: ids.filter((id) => id !== upload.id) })}
            >
              Keep this one
            </Button>
          </li>
        ))}
      </ul>
      <footer class="copies-foot">
        <span class="muted small numbers">Alike by {(similarity * 100).toFixed(1)} %</span>
        <Button kind="quiet" onClick={() => void resolve({ not_duplicates: ids })}>
          Not copies: keep {uploads.length === 2 ? 'both' : 'all'}
        </Button>
      </footer>
    </article>
  )
}

function Copy({ upload, group }: { upload: Upload; group: readonly Upload[] }) {
  const best = bestOf(group) === upload
  const href = `/photo/${upload.id}`
  return (
    <>
      <Link
        href={href}
        class="copy-picture"
        onClick={(event) => {
          if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
          event.preventDefault()
          // The arrow keys of the viewer go from copy to copy.
          setTrail(trailOfUploads(group))
          navigate(href, { over: true })
        }}
      >
        {upload.links.thumbnail === null ? (
          upload.filename
        ) : (
          <img src={thumbnailUrl(upload.id)} alt={upload.description ?? upload.filename} loading="lazy" />
        )}
      </Link>
      <span class="copy-name">{upload.filename}</span>
      <span class="muted small numbers">
        {upload.width} × {upload.height} · {formatBytes(upload.file_size)}
        <br />
        {formatMoment(upload.taken_at ?? upload.created_at)}
      </span>
      <span class={best ? 'copy-best small' : 'small'}>{best ? 'Most pixels' : '\u00a0'}</span>
    </>
  )
}

/** The one with the most pixels, if one has more than the others. */
function bestOf(uploads: readonly Upload[]): Upload | undefined {
  const pixels = ({ width, height }: Upload) => (width ?? 0) * (height ?? 0)
  const [first, second] = [...uploads].sort((a, b) => pixels(b) - pixels(a))
  return first && second && pixels(first) > pixels(second) ? first : undefined
}

function tellTrashed(ids: readonly string[], onBack: () => void): void {
  const undo = async () => {
    try {
      await send('POST', '/v1/uploads/bulk/restore', { upload_ids: ids })
      onBack()
    } catch (thrown) {
      toast(sentence(thrown), { kind: 'error' })
    }
  }
  toast(`${plural(ids.length, 'copy is', 'copies are')} in the trash.`, {
    action: { label: 'Undo', run: () => void undo() },
  })
}
