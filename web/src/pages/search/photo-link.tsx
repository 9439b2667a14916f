import { Link, type LinkProps, navigate } from '../../app/router.tsx'

/** The viewer, at a moment if one is given. */
export function photoAddress(id: string, timeMs: number | null = null): string {
  return timeMs === null ? `/photo/${id}` : `/photo/${id}?t=${timeMs / 1000}`
}

/** Opens the viewer over what was found, so that closing it leads back here. */
export function PhotoLink(props: LinkProps) {
  return (
    <Link
      {...props}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigate(props.href, { over: true })
      }}
    />
  )
}
