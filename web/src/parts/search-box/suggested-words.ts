import { useEffect, useState } from 'preact/hooks'
import type { SuggestionList } from '../../../../src/schemas/search.ts'
import { get, isAbort } from '../../api/client.ts'
import type { Word } from './completions.ts'

/** A pause in typing; asking at every letter would only make answers that nobody sees. */
const PAUSE_MS = 120
const WORDS_MAX = 7
/** The server takes no longer beginning. */
const PREFIX_MAX = 60

/** Words of one's own uploads that begin so. What is no longer typed is no longer asked for. */
export function useSuggestedWords(prefix: string): readonly Word[] {
  const [words, setWords] = useState<readonly Word[]>([])
  useEffect(() => {
    if (prefix === '' || prefix.length > PREFIX_MAX) {
      setWords([])
      return
    }
    const controller = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const query = { prefix, limit: WORDS_MAX }
        const { items } = await get<SuggestionList>('/v1/search/suggestions', { query, signal: controller.signal })
        setWords(items)
      } catch (thrown) {
        // A box without suggestions still finds; the search itself says what is wrong.
        if (!isAbort(thrown)) setWords([])
      }
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [prefix])
  return words
}
