import type { Usage } from '../../../../src/schemas/usage.ts'
import { Link } from '../../app/router.tsx'
import { formatBytes, formatCount, plural } from '../../parts/format.ts'
import { Bar, Facts, Loaded, Section } from './section.tsx'
import { useResource } from './use-resource.ts'

/** From here on the bar warns. */
const NEARLY_FULL = 0.9

/** How much one keeps, and may keep. */
export function StorageSection() {
  const usage = useResource<Usage>('/v1/usage')
  return (
    <Section title="Storage">
      <Loaded resource={usage}>{(value) => <StorageFacts usage={value} />}</Loaded>
    </Section>
  )
}

function StorageFacts({ usage: { uploads, original_bytes, rendition_bytes, trash, quota } }: { usage: Usage }) {
  const bytes = original_bytes + trash.original_bytes
  const files = uploads + trash.uploads
  return (
    <>
      <p class="storage-total">
        <strong class="numbers">{formatBytes(bytes)}</strong> in {plural(files, 'original')}
      </p>
      <Limit label="Room for originals" used={bytes} most={quota.bytes} format={formatBytes} />
      <Limit label="Number of files" used={files} most={quota.files} format={formatCount} />
      {quota.bytes === null && quota.files === null && (
        <p class="muted settings-intro">There is no limit but the disk of the server.</p>
      )}
      <Facts
        facts={[
          ['Photos and videos', `${formatCount(uploads)} · ${formatBytes(original_bytes)}`],
          [
            'In the trash',
            <>
              {formatCount(trash.uploads)} · {formatBytes(trash.original_bytes)}
              {trash.uploads > 0 && (
                <>
                  {' '}
                  <Link href="/trash">Look</Link>
                </>
              )}
            </>,
          ],
          ['Previews and thumbnails', `${formatBytes(rendition_bytes)}, not counted for the limit`],
        ]}
      />
    </>
  )
}

interface LimitProps {
  label: string
  used: number
  most: number | null
  format: (value: number) => string
}

function Limit({ label, used, most, format }: LimitProps) {
  if (most === null) return null
  const share = most === 0 ? 1 : used / most
  return (
    <div class="storage-limit">
      <Bar share={share} label={label} kind={share >= NEARLY_FULL ? 'full' : 'plain'} />
      <p class="muted small numbers">
        {label}: {format(used)} of {format(most)}
      </p>
    </div>
  )
}
