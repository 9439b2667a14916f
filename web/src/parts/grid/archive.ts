import type { Archive, ArchiveRequest } from '../../../../src/schemas/archives.ts'
import { send } from '../../api/client.ts'
import { toast } from '../../app/toasts.tsx'

/** Many originals as a ZIP, which the browser saves as it comes: the page holds nothing of it. */
export async function downloadArchive(request: ArchiveRequest): Promise<void> {
  const { filename, links } = await send<Archive>('POST', '/v1/archives', request)
  const link = document.createElement('a')
  link.href = links.file
  link.download = filename
  link.click()
  toast('The archive is on its way.')
}
