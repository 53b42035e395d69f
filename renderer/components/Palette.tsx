import { Kbd } from '@mantine/core'
import { Spotlight, useSpotlight } from '@mantine/spotlight'
import type { Action } from '../actions'
import { actions, shownKeys } from '../actions'
import { openRun } from '../commands'
import { runName } from '../names'
import { paletteStore } from '../palette'
import { useStore } from '../store'

const groups: readonly Action['group'][] = ['Run', 'Go to', 'Config', 'Selection', 'Library']
const recentRuns = 12

/** Every action by name, with its keys; and the latest runs, by theirs. Nothing is listed before it is asked for. */
export function Palette() {
  const { opened } = useSpotlight(paletteStore)
  return opened ? <OpenPalette /> : null
}

function OpenPalette() {
  const state = useStore()
  const platform = state.app?.platform ?? 'linux'
  const runs = Object.values(state.runs)
    .filter((run) => run.removedAt === null)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, recentRuns)
  return (
    <Spotlight
      store={paletteStore}
      shortcut={null}
      scrollable
      maxHeight={420}
      highlightQuery
      nothingFound="Nothing is called that"
      searchProps={{ placeholder: 'What do you want to do?', 'aria-label': 'Search actions and runs', size: 'md' }}
      transitionProps={{ duration: 60 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.25 }}
      size={560}
      attributes={{ content: { 'aria-label': 'Commands' } }}
      actions={[
        ...groups.map((group) => ({
          group,
          actions: actions
            .filter((action) => action.group === group)
            .map((action) => {
              const reason = action.blocked(state)
              return {
                id: action.id,
                label: action.label(state),
                description: reason === '' ? undefined : reason,
                disabled: reason !== '',
                onClick: action.act,
                rightSection: (
                  <span>
                    {shownKeys(action.keys, platform).map((key) => (
                      <Kbd key={key} size="xs" ml={3}>
                        {key}
                      </Kbd>
                    ))}
                  </span>
                ),
              }
            }),
        })),
        {
          group: 'Runs',
          actions: runs.map((run) => ({
            id: run.id,
            label: runName(run).slice(0, 120),
            onClick: () => openRun(run.id),
          })),
        },
      ]}
    />
  )
}
