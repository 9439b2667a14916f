import { useEffect, useState } from 'preact/hooks'
import type { SearchHit } from '../../../../src/schemas/search.ts'
import { thumbnailUrl } from '../../api/media.ts'
import { navigate } from '../../app/router.tsx'
import { readSimilar } from '../../parts/grid/requests.ts'
import { spokenLabel } from '../../parts/grid/words.ts'
import { PanelPart } from './panel-part.tsx'

const SHOWN = 12

/** Those that look most like it. There are always some, so each says how near it is. */
export function Similar({ id }: { id: string }) {
  const [hits, setHits] = useState<readonly SearchHit[]>([])
  useEffect(() => {
    readSimilar(id, SHOWN).then(setHits, () => undefined)
  }, [id])
  if (hits.length === 0) return null
  return (
    <PanelPart title="Similar">
      <ul class="similar">
        {hits.map(({ upload, score }) => (
          <li key={upload.id}>
            <a
              href={`/photo/${upload.id}`}
              aria-label={`${spokenLabel(upload)}, alike: ${percent(score)}`}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return
                event.preventDefault()
                navigate(`/photo/${upload.id}`, { replace: true })
              }}
            >
              <img src={thumbnailUrl(upload.id)} alt="" loading="lazy" decoding="async" />
              <span class="similar-score numbers">{percent(score)}</span>
            </a>
          </li>
        ))}
      </ul>
    </PanelPart>
  )
}

const percent = (score: number) => `${Math.round(score * 100)} %`
