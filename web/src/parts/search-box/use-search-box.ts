import { useEffect, useRef, useState } from 'preact/hooks'
import { onKey } from '../../app/keyboard.ts'
import { navigate, path, query } from '../../app/router.tsx'
import type { Completion } from './completions.ts'
import { searchByPicture } from './example-picture.tsx'
import { rememberSearch } from './recent-searches.ts'
import { readSearchAddress, searchAddress } from './search-address.ts'
import { complaint, setExample } from './search-state.ts'
import { useCompletions } from './use-completions.ts'

export type SearchBoxState = ReturnType<typeof useSearchBox>

/** What is in the box, what could be meant, and what is done with it. */
export function useSearchBox() {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [caret, setCaret] = useState(0)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const completions = useCompletions(text, caret, isOpen)
  const wrong = complaint.value?.query === text ? complaint.value : undefined

  useEffect(() => setText(queryOfPage()), [path.value, query.value])
  useEffect(() => {
    if (wrong !== undefined && document.activeElement === field.current) putCaret(field.current, wrong.position)
  }, [wrong])
  useEffect(() => onKey('/', (event) => enter(event, field.current)), [])

  const write = (next: string, at: number) => {
    setText(next)
    setCaret(at)
    setActive(-1)
  }
  const run = (wanted: string, address?: string) => {
    write(wanted, wanted.length)
    setOpen(false)
    rememberSearch(wanted)
    setExample(undefined)
    // On a phone the keyboard would cover what is found.
    if (matchMedia('(pointer: coarse)').matches) field.current?.blur()
    navigate(address ?? searchAddress(wanted.trim(), path.peek() === '/search' ? filterOfPage() : {}))
  }
  const take = (completion: Completion) => {
    if (completion.kind !== 'operator') return run(completion.query, completion.address)
    write(completion.query, completion.caret)
    // The field has its new text after the next drawing.
    requestAnimationFrame(() => putCaret(field.current, completion.caret))
  }
  return {
    field,
    text,
    wrong,
    completions,
    active,
    isShown: isOpen && completions.length > 0,
    write,
    run,
    take,
    setCaret,
    setOpen,
    move: (by: 1 | -1) => {
      setOpen(true)
      setActive(step(active, completions.length, by))
    },
    lookFor: (picture: File) => {
      setOpen(false)
      searchByPicture(picture)
    },
  }
}

const queryOfPage = () => (path.peek() === '/search' ? readSearchAddress(query.peek()).query : '')
const filterOfPage = () => readSearchAddress(query.peek()).filter

function enter(event: KeyboardEvent, field: HTMLInputElement | null): void {
  event.preventDefault()
  field?.focus()
  field?.select()
}

const putCaret = (field: HTMLInputElement | null, at: number) => field?.setSelectionRange(at, at)

/** Around the lines and the field itself (-1). */
function step(active: number, count: number, by: 1 | -1): number {
  const places = count + 1
  return ((active + 1 + by + places) % places) - 1
}
