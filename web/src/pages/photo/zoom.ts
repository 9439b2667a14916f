export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** How a picture lies on the stage: `scale` 1 fits, `x` and `y` move its middle away from the middle of the stage. */
export interface ZoomView extends Point {
  readonly scale: number
}

export const FITTED: ZoomView = { scale: 1, x: 0, y: 0 }

/** A small picture may be enlarged so far; a large one up to two of the screen's pixels for each of its own. */
const LEAST_MAX = 4
const PIXELS = 2

/** As large as the stage allows, and never beyond its own pixels by more than half: an icon stays an icon. */
export function fit(picture: Size, stage: Size): Size {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height, 1.5)
  return { width: picture.width * scale, height: picture.height * scale }
}

export function maxScale(picture: Size, fitted: Size): number {
  return Math.max(LEAST_MAX, (picture.width / fitted.width) * PIXELS)
}

/** A picture smaller than the stage stays in the middle; a larger one never leaves a side of the stage empty. */
export function clampView({ scale, x, y }: ZoomView, fitted: Size, stage: Size): ZoomView {
  const reach = (length: number, room: number) => Math.max(0, (length * scale - room) / 2)
  const across = reach(fitted.width, stage.width)
  const down = reach(fitted.height, stage.height)
  return { scale, x: Math.min(across, Math.max(-across, x)), y: Math.min(down, Math.max(-down, y)) }
}

export interface ZoomLimits {
  readonly fitted: Size
  readonly stage: Size
  readonly max: number
}

/** Enlarges around a point (measured from the middle of the stage): what lies under it stays under it. */
export function zoomAt(view: ZoomView, factor: number, point: Point, { fitted, stage, max }: ZoomLimits): ZoomView {
  const scale = Math.min(max, Math.max(1, view.scale * factor))
  const ratio = scale / view.scale
  const x = point.x - (point.x - view.x) * ratio
  const y = point.y - (point.y - view.y) * ratio
  return clampView({ scale, x, y }, fitted, stage)
}

export function panBy(view: ZoomView, by: Point, { fitted, stage }: ZoomLimits): ZoomView {
  return clampView({ scale: view.scale, x: view.x + by.x, y: view.y + by.y }, fitted, stage)
}

/** A double click: close up to where it was, or back to all of it. */
export function toggleZoom(view: ZoomView, point: Point, limits: ZoomLimits): ZoomView {
  const CLOSE_UP = 2.5
  return view.scale > 1.01 ? FITTED : zoomAt(view, Math.min(limits.max, CLOSE_UP), point, limits)
}

/** Notches of a wheel, and the finer steps of a touchpad. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const LINE = 16
  const pixels = deltaMode === 1 ? deltaY * LINE : deltaY
  return Math.exp(-Math.max(-240, Math.min(240, pixels)) * 0.0022)
}
