/** Parts of a plot's area from its left or upper edge, 0 … 1; null where a drag left that direction alone. */
export interface Box { readonly x: readonly [number, number] | null; readonly y: readonly [number, number] | null }

// As plotly takes a drag: shorter than this is a click, and a flat one means its longer direction only.
const shortest = 8
const flat = 20

/** What a drag from one corner to another means in an area of this size; null for a click. */
export function boxOf(from: readonly [number, number], to: readonly [number, number], size: readonly [number, number]): Box | null {
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

/**
 * Lets a person drag a box over a plot. Plotly's own box draws the points that it has before anybody can give it those of the new range, so
 * that every zoom took two drawings.
 */
export function followBox(plot: HTMLElement, done: (box: Box) => void): () => void {
  const onDown = (down: MouseEvent): void => {
    const area = down.target instanceof Element ? down.target.closest('.nsewdrag')?.getBoundingClientRect() : undefined
    if (area === undefined || down.button !== 0) return
    const shade = document.createElement('div')
    shade.className = 'zoom-shade'
    plot.append(shade)
    const at = ({ clientX, clientY }: MouseEvent): readonly [number, number] => [clientX - area.left, clientY - area.top]
    const boxAt = (event: MouseEvent): Box | null => boxOf(at(down), at(event), [area.width, area.height])
    const own = plot.getBoundingClientRect()
    const onMove = (event: MouseEvent): void => {
      const box = boxAt(event)
      const [left, right] = box?.x ?? [0, box === null ? 0 : 1]
      const [top, bottom] = box?.y ?? [0, box === null ? 0 : 1]
      Object.assign(shade.style, {
        left: `${area.left - own.left + left * area.width}px`, top: `${area.top - own.top + top * area.height}px`,
        width: `${(right - left) * area.width}px`, height: `${(bottom - top) * area.height}px`,
      })
    }
    const onUp = (event: MouseEvent): void => {
      stop()
      const box = boxAt(event)
      if (box !== null) done(box)
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
