import { useEffect, useState } from 'preact/hooks'
import type { Static } from 'typebox'
import type { ModelPacks, PackPlanSchema } from '../../../../src/schemas/model-packs.ts'
import { send, sentence } from '../../api/client.ts'
import { toast } from '../../app/toasts.tsx'
import { connection, modelsProgress } from '../../live/store.ts'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { formatBytes, formatTimeLeft, plural } from '../../parts/format.ts'
import { Icon } from '../../parts/icons.tsx'
import { Bar, Loaded, Section } from './section.tsx'
import { useResource } from './use-resource.ts'

type Pack = ModelPacks['packs'][number]
type Switching = NonNullable<ModelPacks['switching']>
type Plan = Static<typeof PackPlanSchema>

/** What describes and finds: the pack in use, those there are, and how far a change is. */
export function ModelPacksSection() {
  const packs = useResource<ModelPacks>('/v1/models')
  const [wanted, setWanted] = useState<string | undefined>(undefined)
  const live = connection.value === 'open' ? modelsProgress.value : undefined
  const { active = '', switching = null } = live ?? packs.value ?? {}
  const isMoving = switching !== null && switching.state !== 'failed'

  return (
    <Section
      title="Model packs"
      intro="A pack writes the descriptions and finds by meaning. Everything stays on this server. Searches go on with the old pack until the library has moved to the new one."
    >
      <Loaded resource={packs}>
        {({ packs: listed }) => (
          <>
            {switching && <SwitchCard switching={switching} />}
            <ul class="rows">
              {[...listed].sort(byUse(active)).map((pack) => (
                <PackRow
                  key={pack.name}
                  pack={pack}
                  isActive={pack.name === active}
                  isBusy={isMoving}
                  use={() => setWanted(pack.name)}
                />
              ))}
            </ul>
          </>
        )}
      </Loaded>
      {wanted && <UseDialog pack={wanted} onClose={() => setWanted(undefined)} onStarted={packs.set} />}
    </Section>
  )
}

/** The one in use, those that could be, and the others. */
const byUse = (active: string) => (a: Pack, b: Pack) => placeOf(a, active) - placeOf(b, active)
const placeOf = (pack: Pack, active: string) => (pack.name === active ? 0 : pack.is_installed ? 1 : 2)

function SwitchCard({
  switching: { pack, state, total, done, given_up, progress_percent, eta_seconds, error },
}: Props) {
  if (state === 'failed') {
    return (
      <p class="settings-trouble" role="alert">
        <Icon name="error" size={18} />
        Moving to “{pack}” has failed. {error}
      </p>
    )
  }
  return (
    <div class="switching">
      <p>
        Moving the library to <strong>{pack}</strong>
        {state === 'opening' && ' …'}
      </p>
      <Bar share={progress_percent / 100} label={`Moving to ${pack}`} />
      <p class="muted small numbers">
        {done} of {total} ({progress_percent} %)
        {eta_seconds !== null && `, ${formatTimeLeft(eta_seconds)} left`}
        {given_up > 0 && `; nothing could be made of ${given_up}`}
      </p>
    </div>
  )
}

interface Props {
  switching: Switching
}

interface PackRowProps {
  pack: Pack
  isActive: boolean
  isBusy: boolean
  use: () => void
}

function PackRow({
  pack: { name, summary, size_bytes, licences, is_installed, problem },
  isActive,
  isBusy,
  use,
}: PackRowProps) {
  const size = size_bytes === null || size_bytes === 0 ? [] : [formatBytes(size_bytes)]
  return (
    <li class="row">
      <div class="row-main">
        <strong>{name}</strong>
        <span class="muted">{summary}</span>
        <span class="muted small">{[...size, ...licences].join(' · ')}</span>
        {problem !== null && <span class="row-problem small">{problem}</span>}
        {!is_installed && <code class="row-command small">npm run models -- pull {name}</code>}
      </div>
      <div class="row-tools">
        {isActive && (
          <Chip kind="good" icon="check">
            In use
          </Chip>
        )}
        {!isActive && is_installed && (
          <Button disabled={isBusy || problem !== null} onClick={use}>
            Use
          </Button>
        )}
        {!is_installed && <Chip>Not installed</Chip>}
      </div>
    </li>
  )
}

interface UseProps {
  pack: string
  onClose: () => void
  onStarted: (packs: ModelPacks) => void
}

/** Says first what it would take, measured on a few uploads. */
function UseDialog({ pack, onClose, onStarted }: UseProps) {
  const [plan, setPlan] = useState<Plan | undefined>(undefined)
  const [captions, setCaptions] = useState<'keep' | 'redo'>('keep')
  const [error, setError] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    const controller = new AbortController()
    setPlan(undefined)
    setError(undefined)
    const body = { pack, captions, dry_run: true }
    send<Plan>('POST', '/v1/models/use', body, { signal: controller.signal }).then(setPlan, (thrown: unknown) => {
      if (!controller.signal.aborted) setError(sentence(thrown))
    })
    return () => controller.abort()
  }, [pack, captions])

  const start = async () => {
    setBusy(true)
    try {
      onStarted(await send<ModelPacks>('POST', '/v1/models/use', { pack, captions }))
      onClose()
      toast(`The library moves to “${pack}”.`)
    } catch (thrown) {
      setError(sentence(thrown))
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Use “${pack}”?`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void start()}>
            Use it
          </Button>
        </>
      }
    >
      <div class="settings-form">
        <p aria-live="polite">{error ?? (plan === undefined ? 'Trying it on a few uploads …' : wordsOf(plan))}</p>
        <label class="choice">
          <input
            type="checkbox"
            checked={captions === 'redo'}
            onChange={({ currentTarget }) => setCaptions(currentTarget.checked ? 'redo' : 'keep')}
          />
          <span>
            Write old descriptions again <span class="muted">(your own words stay)</span>
          </span>
        </label>
      </div>
    </Dialog>
  )
}

function wordsOf({ uploads, missing, estimated_seconds }: Plan): string {
  if (missing === 0) return 'Everything is there already: it takes a moment.'
  const time = estimated_seconds === null ? '' : ` It takes ${formatTimeLeft(estimated_seconds)} on this server.`
  return `${plural(missing, 'upload')} of ${uploads} have to be looked at again.${time}`
}
