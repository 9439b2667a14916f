export interface AbortWatch {
  /** Calls back once when the signal is aborted, unless the function it returns is called before. */
  add(signal: AbortSignal, onAbort: () => void): () => void
}

/**
 * Listens once to each signal, however many wait for it: a page of text is a hundred pieces of work under one signal,
 * and Node warns of a leak from eleven listeners on. The listener goes with the last that waits.
 */
export function createAbortWatch(): AbortWatch {
  const watched = new Map<AbortSignal, { readonly callbacks: Set<() => void>; unlisten(): void }>()

  const watch = (signal: AbortSignal) => {
    const callbacks = new Set<() => void>()
    const onAbort = () => {
      watched.delete(signal)
      for (const callback of callbacks) callback()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const entry = { callbacks, unlisten: () => signal.removeEventListener('abort', onAbort) }
    watched.set(signal, entry)
    return entry
  }

  return {
    add(signal, onAbort) {
      const { callbacks, unlisten } = watched.get(signal) ?? watch(signal)
      // A function of its own: the same callback may be added twice.
      const callback = () => onAbort()
      callbacks.add(callback)
      return () => {
        if (!callbacks.delete(callback) || callbacks.size > 0) return
        watched.delete(signal)
        unlisten()
      }
    },
  }
}
