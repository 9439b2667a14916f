import type { Snippet } from '../../../../src/schemas/search.ts'

const FIELDS: Readonly<Record<Snippet['field'], string>> = {
  description: '',
  ocr_text: 'Text: ',
  filename: 'Name: ',
  camera: 'Camera: ',
}

/** Where the words stand. The places come apart from the text, so that nothing in it is ever taken for markup. */
export function SnippetText({ snippet: { field, text, matches } }: { snippet: Snippet }) {
  const parts: { start: number; text: string; isMatch: boolean }[] = []
  let at = 0
  for (const { start, end } of matches) {
    parts.push({ start: at, text: text.slice(at, start), isMatch: false })
    parts.push({ start, text: text.slice(start, end), isMatch: true })
    at = end
  }
  parts.push({ start: at, text: text.slice(at), isMatch: false })
  return (
    <p class="hit-text">
      <span class="muted">{FIELDS[field]}</span>
      {parts
        .filter((part) => part.text !== '')
        .map((part) => (part.isMatch ? <mark key={part.start}>{part.text}</mark> : part.text))}
    </p>
  )
}
