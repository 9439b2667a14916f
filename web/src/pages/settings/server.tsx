import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Static } from 'typebox'
import type { ClientConfig, HealthSchema } from '../../../../src/schemas/server.ts'
import { ApiError, get } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { formatBytes, formatCount } from '../../parts/format.ts'
import { Facts, Loaded, Section } from './section.tsx'
import { useResource } from './use-resource.ts'

type Health = Static<typeof HealthSchema>

/** Whether the server lives and works, and what it takes. */
export function ServerSection() {
  const health = useResource<Health>('/health')
  const config = useResource<ClientConfig>('/v1/client-config')
  const readiness = useReadiness()
  const reload = () => {
    health.reload()
    config.reload()
    readiness.reload()
  }
  return (
    <>
      <Section title="Server">
        <Loaded resource={health}>
          {({ version, uptime_seconds }) => (
            <Facts
              facts={[
                ['Version', version],
                ['Running for', runningFor(uptime_seconds)],
                ['Ready', <Readiness key="ready" checks={readiness.checks} trouble={readiness.trouble} />],
              ]}
            />
          )}
        </Loaded>
        <Button icon="retry" onClick={reload}>
          Look again
        </Button>
      </Section>
      <Section title="What it takes">
        <Loaded resource={config}>{(value) => <Facts facts={factsOf(value)} />}</Loaded>
        <p class="settings-intro">
          Every route of the API is described at <a href="/docs">/docs</a>.
        </p>
      </Section>
    </>
  )
}

function factsOf(config: ClientConfig): [string, ComponentChildren][] {
  return [
    ['Largest file', formatBytes(config.upload_max_bytes)],
    ['Files in one batch', formatCount(config.batch_max_files)],
    ['Videos', config.videos_supported ? 'Yes' : 'No: the server has no ffmpeg'],
    ['Registration', config.registration_open ? 'Open to anybody who reaches the server' : 'Closed'],
    ['Model pack', config.model_pack],
    ['Types', config.accepted_types.map(shortType).join(', ')],
  ]
}

/** `video/x-m4v` as people write it: `M4V`. */
const shortType = (type: string) => type.replace(/^.*\/(x-|vnd\.)?/, '').toUpperCase()

function Readiness({ checks, trouble }: { checks: Record<string, boolean> | undefined; trouble: string | undefined }) {
  if (checks === undefined) return <>{trouble ?? '…'}</>
  return (
    <span class="checks">
      {Object.entries(checks).map(([name, works]) => (
        <Chip key={name} kind={works ? 'good' : 'danger'} icon={works ? 'check' : 'close'}>
          {name.replaceAll('_', ' ')}
        </Chip>
      ))}
    </span>
  )
}

/** A server that is not ready says in its problem what does not work. */
function useReadiness() {
  const [checks, setChecks] = useState<Record<string, boolean> | undefined>(undefined)
  const [trouble, setTrouble] = useState<string | undefined>(undefined)
  const [readings, setReadings] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    get<{ checks: Record<string, boolean> }>('/ready', { signal: controller.signal }).then(
      (answer) => setChecks(answer.checks),
      (thrown: unknown) => {
        if (!(thrown instanceof ApiError)) return
        const { checks: said } = thrown.problem
        setChecks(isChecks(said) ? said : undefined)
        setTrouble(thrown.message)
      },
    )
    return () => controller.abort()
  }, [readings])
  return { checks, trouble, reload: () => setReadings(readings + 1) }
}

const isChecks = (value: unknown): value is Record<string, boolean> => typeof value === 'object' && value !== null

function runningFor(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`
}
