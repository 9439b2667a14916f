import { path } from '../../app/router.tsx'
import { AlbumList } from './album-list.tsx'
import { AlbumPage } from './album-page.tsx'
import './albums.css'

/** All albums, or the one that the address names. */
export default function Albums() {
  const id = /^\/albums\/([^/]+)$/.exec(path.value)?.[1]
  return id === undefined ? <AlbumList /> : <AlbumPage key={id} id={id} />
}
