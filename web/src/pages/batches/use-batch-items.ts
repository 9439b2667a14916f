import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Batch, BatchItem } from '../../../../src/schemas/batches.ts'
import { readBatch } from '../../api/batches.ts'
import { isAbort } from '../../api/client.ts'

const PAGE = 200

/** A batch, and its files page by page as they are scrolled to. */
export function useBatchItems(id: string) {
  const [batch, setBatch] = useState<Batch>()
  const [items, setItems] = useState<readonly BatchItem[]>([])
  const [error, setError] = useState<unknown>()
  const next = useRef<string | null>(null)
  const loading = useRef<AbortController | undefined>(undefined)

  const load = useCallback(
    async (cursor: string | undefined) => {
      const controller = new AbortController()
      loading.current = controller
      setError(undefined)
      try {
        const detail = await readBatch(id, PAGE, cursor, controller.signal)
        next.current = detail.next_cursor
        setBatch(detail.batch)
        setItems((now) => (cursor === undefined ? detail.items : [...now, ...detail.items]))
      } catch (thrown) {
        if (!isAbort(thrown)) setError(thrown)
      } finally {
        if (loading.current === controller) loading.current = undefined
      }
    },
    [id],
  )
  const reload = useCallback(() => {
    loading.current?.abort()
    void load(undefined)
  }, [load])
  const loadMore = useCallback(() => {
    if (next.current !== null && loading.current === undefined) void load(next.current)
  }, [load])
  useEffect(() => {
    void load(undefined)
    return () => loading.current?.abort()
  }, [load])
  return { batch, items, error, loadMore, reload, setBatch }
}
