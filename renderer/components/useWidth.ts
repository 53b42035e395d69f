import { useCallback, useState } from 'react'

/** The inner width of an element, known before it is first painted. */
export function useWidth<E extends HTMLElement>(): {
  readonly ref: (element: E | null) => (() => void) | undefined
  readonly width: number
} {
  const [width, setWidth] = useState(0)
  const ref = useCallback((element: E | null) => {
    if (element === null) return undefined
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { ref, width }
}
