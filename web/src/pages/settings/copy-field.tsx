import { useId, useRef, useState } from 'preact/hooks'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../parts/button.tsx'

/** A text to take along. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState(false)

  const copy = async () => {
    if (!(await write(value, field.current))) return
    setCopied(true)
    announce('Copied')
  }

  return (
    <div class="copy-field">
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <input
        ref={field}
        id={id}
        class="input"
        readOnly
        value={value}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Button icon={isCopied ? 'check' : 'copy'} onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  )
}

/** On plain http in a LAN there is no clipboard for pages: there, the old command copies what is selected. */
async function write(value: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    field?.select()
    return document.execCommand('copy')
  }
}
