/** Parts of a plot's area from its left or upper edge, 0 … 1; null where a drag left that direction alone. */
export interface Box {
  readonly x: readonly [number, number] | null
  readonly y: readonly [number, number] | null
}

// As plotly takes a drag: shorter than this is a click, and a flat one means its longer direction only.
const shortest = 8
const flat = 20

/** What a drag from one corner to another means in an area of this size; null for a click. */
export function zoomBoxOf(
  from: readonly [number, number],
  to: readonly [number, number],
  size: readonly [number, number],
): Box | null {
  const side = (axis: 0 | 1): readonly [number, number] => {
    const ends = [from[axis], to[axis]].map((at) => Math.max(0, Math.min(1, at / size[axis])))
    return [Math.min(...ends), Math.max(...ends)]
  }
  const length = (axis: 0 | 1): number => Math.abs(side(axis)[1] - side(axis)[0]) * size[axis]
  const [wide, high] = [length(0), length(1)]
  if (wide < shortest && high < shortest) return null
  if (high < Math.min(Math.max(wide * 0.6, shortest), flat)) return { x: side(0), y: null }
  if (wide < Math.min(high * 0.6, flat)) return { x: null, y: side(1) }
  return { x: side(0), y: side(1) }
}

// As fast as the double click of most systems, counted from the first press to the second.
const twiceMs = 400

/** Tells for each press and release whether it ends a double click; `dragged` ones are none, however close together. */
export function doubleClicks(): (pressed: number, dragged: boolean) => boolean {
  let last = -Infinity
  return (pressed, dragged) => {
    const isDouble = !dragged && pressed - last < twiceMs
    last = dragged || isDouble ? -Infinity : pressed
    return isDouble
  }
}

/** What a person does with the mouse on a plot. */
export interface Gestures {
  readonly onBox: (box: Box) => void
  readonly onDoubleClick: () => void
}

/**
 * Lets a person drag a box over a plot. Plotly's own box draws the points that it has before anybody can give it those
 * of the new range, so that every zoom took two drawings; and its double click takes two drags for one if the page was
 * too busy to see them apart.
 */
export function followMouse(plot: HTMLElement, { onBox, onDoubleClick }: Gestures): () => void {
  const isDouble = doubleClicks()
  const onDown = (down: MouseEvent): void => {
    const target = down.target instanceof Element && down.button === 0 ? down.target.closest('.drag') : null
    if (target === null) return
    const area = target.classList.contains('nsewdrag') ? target.getBoundingClientRect() : null
    const shade = document.createElement('div')
    shade.className = 'zoom-shade'
    if (area !== null) plot.append(shade)
    const own = plot.getBoundingClientRect()
    const boxAt = ({ clientX, clientY }: MouseEvent): Box | null =>
      area === null
        ? null
        : zoomBoxOf(
            [down.clientX - area.left, down.clientY - area.top],
            [clientX - area.left, clientY - area.top],
            [area.width, area.height],
          )
    const onMove = (event: MouseEvent): void => {
      const box = boxAt(event)
      if (area === null) return
      const [left, right] = box?.x ?? [0, box === null ? 0 : 1]
      const [top, bottom] = box?.y ?? [0, box === null ? 0 : 1]
      Object.assign(shade.style, {
        left: `${area.left - own.left + left * area.width}px`,
        top: `${area.top - own.top + top * area.height}px`,
        width: `${(right - left) * area.width}px`,
        height: `${(bottom - top) * area.height}px`,
      })
    }
    const onUp = (event: MouseEvent): void => {
      stop()
      const box = boxAt(event)
      if (
        isDouble(
          down.timeStamp,
          Math.max(Math.abs(event.clientX - down.clientX), Math.abs(event.clientY - down.clientY)) >= shortest,
        )
      )
        onDoubleClick()
      else if (box !== null) onBox(box)
    }
    const stop = (): void => {
      window.removeEventListener('mousemove', onMove, true)
      window.removeEventListener('mouseup', onUp, true)
      shade.remove()
    }
    window.addEventListener('mousemove', onMove, true)
    window.addEventListener('mouseup', onUp, true)
  }
  plot.addEventListener('mousedown', onDown, true)
  return () => plot.removeEventListener('mousedown', onDown, true)
}
