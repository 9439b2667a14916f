import type { Timeline } from '../../../../src/schemas/library.ts'
import { navigate } from '../../app/router.tsx'
import { Chip } from '../../parts/chip.tsx'
import { monthLabel } from '../../parts/grid/words.ts'
import { type PhotoFilter, type StatusChoice, toAddress } from './photo-filter.ts'

interface FilterChipsProps {
  readonly filter: PhotoFilter
  /** What there is, without any filter: a chip that would find nothing is not offered. */
  readonly all: Timeline | undefined
}

const TYPES = [
  ['image', 'Photos', 'image'],
  ['video', 'Videos', 'video'],
] as const

const STATUSES: readonly (readonly [StatusChoice, string])[] = [
  ['unfinished', 'In development'],
  ['failed', 'Failed'],
]

/** How many a choice would show. */
function countOf(status: StatusChoice, { statuses }: Timeline): number {
  if (status !== 'unfinished') return statuses[status] ?? 0
  return (statuses.pending ?? 0) + (statuses.analyzing ?? 0) + (statuses.embedding ?? 0)
}

/** What narrows the photos down: each chip changes the address, and the address is the filter. */
export function FilterChips({ filter, all }: FilterChipsProps) {
  const go = (change: Partial<PhotoFilter>) => navigate(toAddress({ ...filter, ...change }))
  const offered = (status: StatusChoice) => filter.status === status || (all !== undefined && countOf(status, all) > 0)
  return (
    <fieldset class="photos-filters" aria-label="Filter">
      {TYPES.map(([type, label, icon]) => (
        <Chip
          key={type}
          icon={icon}
          pressed={filter.type === type}
          onClick={() => go({ type: filter.type === type ? undefined : type })}
        >
          {label} <Count of={all?.file_types[type]} />
        </Chip>
      ))}
      {STATUSES.filter(([status]) => offered(status)).map(([status, label]) => (
        <Chip
          key={status}
          icon={status === 'failed' ? 'warning' : 'clock'}
          pressed={filter.status === status}
          onClick={() => go({ status: filter.status === status ? undefined : status })}
        >
          {label} <Count of={all && countOf(status, all)} />
        </Chip>
      ))}
      <MonthChoice filter={filter} months={all?.months ?? []} onChoose={(month) => go({ month })} />
      <Chip icon="hide" pressed={filter.showHidden} onClick={() => go({ showHidden: !filter.showHidden })}>
        Hidden too
      </Chip>
      <Chip
        icon="upload"
        pressed={filter.by === 'created'}
        onClick={() => go({ by: filter.by === 'created' ? 'taken' : 'created' })}
      >
        By day handed over
      </Chip>
    </fieldset>
  )
}

function Count({ of }: { of: number | undefined }) {
  return of === undefined ? null : <span class="muted numbers">{of.toLocaleString()}</span>
}

interface MonthChoiceProps {
  readonly filter: PhotoFilter
  readonly months: Timeline['months']
  onChoose(month: string | undefined): void
}

/** The browser's own list: it scrolls, and it is known to every hand and screen reader. */
function MonthChoice({ filter: { month }, months, onChoose }: MonthChoiceProps) {
  const known = months.map(({ month: key }) => key)
  const shown = month === undefined || known.includes(month) ? known : [month, ...known]
  if (shown.length < 2 && month === undefined) return null
  return (
    <span class="chip photos-month" data-on={month === undefined ? undefined : ''}>
      <select
        class="chip-main"
        aria-label="Month"
        value={month ?? ''}
        onChange={({ currentTarget }) => onChoose(currentTarget.value || undefined)}
      >
        <option value="">All months</option>
        {shown.map((key) => (
          <option key={key} value={key}>
            {monthLabel(key)}
          </option>
        ))}
      </select>
    </span>
  )
}
