import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import { Chip } from '../../parts/chip.tsx'
import { Icon } from '../../parts/icons.tsx'
import { piecesOf, replacePieces } from '../../parts/search-box/query-text.ts'
import { choicesOf, choose, chosen, type Facet, type Narrowing, without } from './facets.ts'

interface Props {
  facets: readonly Facet[]
  now: Narrowing
  /** False for searches by a picture: all filters stand in the address then. */
  hasQuery: boolean
  change(next: Narrowing): void
}

/** The filters of a search as chips: each is a list to choose from; what no list has can be taken away. */
export function FacetChips({ facets, now, hasQuery, change }: Props) {
  return (
    <fieldset class="facets">
      <legend class="visually-hidden">Filters</legend>
      {facets.map((facet) => (
        <FacetChip key={facet.name} facet={facet} now={now} hasQuery={hasQuery} change={change} />
      ))}
      {otherFilters(facets, now).map(({ label, next }) => (
        <Chip key={label} kind="accent" onRemove={() => change(next)} removeLabel={`Remove ${label}`}>
          {label}
        </Chip>
      ))}
    </fieldset>
  )
}

function FacetChip({ facet, now, hasQuery, change }: Omit<Props, 'facets'> & { facet: Facet }) {
  const choices = choicesOf(facet, hasQuery)
  const choice = chosen(facet, now)
  if (choices.length === 0) return null
  return (
    <span class="facet" data-on={choice && ''}>
      <select
        aria-label={facet.name}
        value={choice?.label ?? ''}
        onChange={({ currentTarget }) =>
          change(
            choose(
              facet,
              choices.find(({ label }) => label === currentTarget.value),
              now,
              hasQuery,
            ),
          )
        }
      >
        <option value="">{facet.any}</option>
        {choices.map(({ label }) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" size={14} />
    </span>
  )
}

/** Filters that hold and are no choice of a chip: `near:`, `larger:`, the members of a saved search. */
export function otherFilters(facets: readonly Facet[], now: Narrowing): { label: string; next: Narrowing }[] {
  const shown = facets.filter((facet) => chosen(facet, now))
  const pieces = piecesOf(now.query).filter(
    (piece) => piece.field !== undefined && !shown.some((facet) => facet.isPiece(piece)),
  )
  const members = Object.entries(now.filter) as [keyof UploadFilter, unknown][]
  return [
    ...pieces.map(({ position, end }) => ({
      label: now.query.slice(position, end),
      next: { ...now, query: replacePieces(now.query, (piece) => piece.position === position) },
    })),
    ...members
      .filter(([name]) => !shown.some((facet) => facet.members.includes(name)))
      .map(([name, value]) => ({
        label: `${name.replaceAll('_', ' ')}: ${value}`,
        next: { ...now, filter: without(now.filter, [name]) },
      })),
  ]
}
