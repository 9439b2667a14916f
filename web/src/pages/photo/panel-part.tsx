import type { ComponentChildren } from 'preact'

/** A part of the side panel, under its name. */
export function PanelPart({
  title,
  tool,
  children,
}: {
  title: string
  tool?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <section class="side-panel-part">
      <div class="side-panel-head">
        <h2>{title}</h2>
        {tool}
      </div>
      {children}
    </section>
  )
}
