import { path } from '../../app/router.tsx'
import { BatchList } from './batch-list.tsx'
import { BatchView } from './batch-view.tsx'
import './batches.css'

/** /batches, and one of them. */
export default function BatchesPage() {
  const id = path.value.split('/')[2]
  return id === undefined ? <BatchList /> : <BatchView key={id} id={id} />
}
