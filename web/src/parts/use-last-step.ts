import { useState } from 'preact/hooks'
import { sentence } from '../api/client.ts'

/**
 * The step that ends a dialog: while it runs the dialog is busy; done, it closes; failed, it stays and says why.
 */
export function useLastStep(step: () => Promise<void>, onClose: () => void) {
  const [error, setError] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    try {
      await step()
      onClose()
    } catch (thrown) {
      setError(sentence(thrown))
      setBusy(false)
    }
  }
  return { error, isBusy, run }
}
