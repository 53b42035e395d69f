import { useComputedColorScheme } from '@mantine/core'
import type { RunId } from '../../core/run'
import type { Scheme } from '../charts/colours'
import { runColour } from '../charts/colours'
import { useStore } from '../store'

export const useScheme = (): Scheme => useComputedColorScheme('light')

/** A run's colour: full where its curve is drawn, a ring where it is not. */
export function Dot({ id, full = true }: { readonly id: RunId; readonly full?: boolean }) {
  const scheme = useScheme()
  const colour = useStore((state) => runColour(state.colours, id, scheme))
  return (
    <span
      className="dot"
      aria-hidden
      style={full ? { background: colour } : { border: `2px solid ${colour}`, opacity: 0.55 }}
    />
  )
}
