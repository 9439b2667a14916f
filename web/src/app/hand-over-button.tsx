import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { Menu } from '../parts/menu.tsx'
import { takeFiles } from '../upload/incoming.ts'

/** Chooses files or a folder to hand over. */
export function HandOverButton() {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  // The attribute is older than its place in the types.
  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), [])
  const take = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    takeFiles(currentTarget.files ?? [])
    // The same files can be chosen again.
    currentTarget.value = ''
  }
  return (
    <>
      <Menu
        label="Add photos and videos"
        class="button button-primary hand-over"
        button={
          <>
            <Icon name="plus" size={18} />
            <span class="button-label">Add</span>
          </>
        }
        items={[
          { label: 'Choose files …', icon: 'image', run: () => files.current?.click() },
          { label: 'Choose a folder …', icon: 'folder', run: () => folder.current?.click() },
        ]}
      />
      <input ref={files} type="file" multiple hidden aria-label="Files to add" onChange={take} />
      <input ref={folder} type="file" multiple hidden aria-label="Folder to add" onChange={take} />
    </>
  )
}
