const KEY = 'darkroom-session'

/**
 * No script can see the cookies of a session. This mark says whether there may be one, so that a visit without one does
 * not ask the server in vain.
 */
export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(KEY) === 'open'
  } catch {
    return true
  }
}

export function markSession(isOpen: boolean): void {
  try {
    if (isOpen) localStorage.setItem(KEY, 'open')
    else localStorage.removeItem(KEY)
  } catch {
    // Without the storage the server is asked each time.
  }
}
