import { useState } from 'preact/hooks'
import { sentence } from '../../api/client.ts'
import { developAgain } from '../../api/uploads.ts'
import { toast } from '../../app/toasts.tsx'
import { forgetDetails } from '../../live/details.ts'
import { noteUpload, peekProgress } from '../../live/store.ts'
import { IconButton } from '../../parts/button.tsx'

/** Develops an upload again from the start. */
export function RetryUpload({ uploadId, name }: { uploadId: string; name: string }) {
  const [busy, setBusy] = useState(false)
  const again = () => {
    setBusy(true)
    developAgain([uploadId])
      .then(({ batch }) => {
        forgetDetails(uploadId)
        noteUpload({ id: uploadId, filename: name, file_size: peekProgress(uploadId)?.file_size ?? 0 }, batch.id)
      })
      .catch((thrown: unknown) => toast(sentence(thrown), { kind: 'error' }))
      .finally(() => setBusy(false))
  }
  return <IconButton icon="retry" label={`Develop ${name} again`} disabled={busy} onClick={again} />
}
