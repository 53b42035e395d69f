import type { ReactNode } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { changeSettings } from '../commands'
import { useStore } from '../store'

interface Props {
  /** What the divider's place is remembered under. */
  readonly id: string
  readonly left: ReactNode
  readonly right: ReactNode
  /** The left side's share before anyone moved the divider, in percent. */
  readonly initial: number
  /** The least widths in pixels. */
  readonly minimum: readonly [left: number, right: number]
}

const side = { display: 'flex', flexDirection: 'column', overflow: 'hidden' } as const

/** Two sides with a divider between them, which stays where it was left. */
export function SplitPane({ id, left, right, initial, minimum }: Props) {
  const saved = useStore.getState().settings.panelSizes[id]
  const share = saved?.[0] !== undefined && saved[0] > 5 && saved[0] < 95 ? saved[0] : initial
  return (
    <Group
      className="split"
      orientation="horizontal"
      defaultLayout={{ [`${id}-left`]: share, [`${id}-right`]: 100 - share }}
      onLayoutChanged={(_, { isUserInteraction, requestedLayout }) => {
        // A window too small for both least widths moves the divider too, and nobody asked for that.
        const wanted = requestedLayout?.[`${id}-left`]
        if (!isUserInteraction || wanted === undefined) return
        void changeSettings({ panelSizes: { [id]: [Number(wanted.toFixed(2))] } })
      }}
    >
      <Panel id={`${id}-left`} minSize={minimum[0]} style={side}>
        {left}
      </Panel>
      <Separator />
      <Panel id={`${id}-right`} minSize={minimum[1]} style={side}>
        {right}
      </Panel>
    </Group>
  )
}
