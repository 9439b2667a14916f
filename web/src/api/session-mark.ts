const KEY = 'darkroom-session'

/**
 * No script can see the cookies of a session. This mark says whether there may be one, so that a first visit does not
 * ask the server in vain; and whether somebody signed in with this browser before.
 */
export function mayHaveSession(): boolean {
  return read() !== 'over' && read() !== 'none'
}

export function wasHereBefore(): boolean {
  return read() === 'over' || read() === 'open'
}

export function markSession(isOpen: boolean): void {
  // Whoever was never signed in stays new.
  if (!isOpen && !wasHereBefore()) return
  try {
    localStorage.setItem(KEY, isOpen ? 'open' : 'over')
  } catch {
    // Without the storage the server is asked each time.
  }
}

function read(): 'open' | 'over' | 'none' | 'unknown' {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'open' || value === 'over' ? value : 'none'
  } catch {
    return 'unknown'
  }
}
