type Run = (event: KeyboardEvent) => void

const listeners = new Map<string, Set<Run>>()

/**
 * Calls `run` when `key` (as `KeyboardEvent.key` names it) is pressed anywhere but in a field or a dialog. Whoever listens last is
 * asked first; a listener that calls `preventDefault` keeps the key to itself. With Ctrl, Alt or Meta the name has them
 * before it: `Ctrl+a` (Meta counts as Ctrl, for the Mac), `Alt+ArrowUp`.
 * @returns stops listening
 */
export function onKey(key: string, run: Run): () => void {
  const runs = listeners.get(key) ?? new Set()
  listeners.set(key, runs.add(run))
  return () => {
    runs.delete(run)
  }
}

/** Whether somebody is writing there: keys are letters then. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !NOT_WRITTEN_IN.has(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

const NOT_WRITTEN_IN = new Set(['button', 'checkbox', 'file', 'radio', 'reset', 'submit'])

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || isField(event.target)) return
  // Escape closes the dialog, and nothing of what lies beneath it.
  if (document.querySelector('dialog[open]')) return
  const modifiers = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}`
  for (const run of [...(listeners.get(modifiers + event.key) ?? [])].reverse()) {
    run(event)
    if (event.defaultPrevented) return
  }
})
