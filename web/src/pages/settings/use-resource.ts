import { useEffect, useState } from 'preact/hooks'
import { get, isAbort } from '../../api/client.ts'

export interface Resource<T> {
  readonly value: T | undefined
  readonly error: unknown
  /** Reads it again; what is shown stays until the answer is there. */
  reload(): void
  /** In place of reading it again, when an answer already says what it is now. */
  set(value: T): void
}

/** Something of the server, read when it is first shown. */
export function useResource<T>(path: string): Resource<T> {
  const [value, set] = useState<T | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [readings, setReadings] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    get<T>(path, { signal: controller.signal }).then(
      (answer) => {
        set(answer)
        setError(undefined)
      },
      (thrown: unknown) => {
        if (!isAbort(thrown)) setError(thrown)
      },
    )
    return () => controller.abort()
  }, [path, readings])
  return { value, error, reload: () => setReadings(readings + 1), set }
}
