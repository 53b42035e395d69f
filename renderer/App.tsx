import { MantineProvider, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { useSpotlight } from '@mantine/spotlight'
import { useEffect } from 'react'
import { actions, perform, performMenu } from './actions'
import { explain, flushDraft } from './commands'
import { undoesItself } from './editor/draftHistory'
import { sync } from './sync'
import { palette, paletteStore } from './palette'
import { Banners } from './components/Banners'
import { Empty } from './components/Empty'
import { GuardedLayer, GuardedPart, GuardedView } from './components/Guard'
import { MethodDrawer } from './papers/MethodDrawer'
import { StatusBar } from './components/StatusBar'
import { Palette } from './components/Palette'
import { Rail } from './components/Rail'
import type { ViewName } from './store'
import { useStore } from './store'
import { theme } from './theme'
import { Compare } from './compare/Compare'
import { Compute } from './settings/Compute'
import { Editor } from './editor/Editor'
import { Papers } from './papers/Papers'
import { Runs } from './history/Runs'
import { RunView } from './run/RunView'
import { hideCheck } from './settings/checkLibrary'
import { LibraryCheckDialog } from './settings/LibraryCheckDialog'
import { SettingsView } from './settings/SettingsView'

const views: Readonly<Record<ViewName, () => React.ReactNode>> = {
  runs: Runs,
  editor: Editor,
  run: RunView,
  compare: Compare,
  papers: Papers,
  compute: Compute,
  settings: SettingsView,
}
const titles: Readonly<Record<ViewName, string>> = {
  runs: 'Runs',
  editor: 'Editor',
  run: 'Run',
  compare: 'Compare',
  papers: 'Papers',
  compute: 'Compute',
  settings: 'Settings',
}

export function App() {
  useEffect(() => sync((action) => performMenu(action, palette.open)), [])
  useEffect(() => {
    // What is dropped beside a box that takes it must not be opened as a page.
    const refuse = (event: Event): void => event.preventDefault()
    const events = ['dragover', 'drop'] as const
    for (const name of events) window.addEventListener(name, refuse)
    window.addEventListener('pagehide', flushDraft)
    return () => {
      for (const name of events) window.removeEventListener(name, refuse)
      window.removeEventListener('pagehide', flushDraft)
    }
  }, [])
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Scheme />
      <Keys />
      <Notifications position="bottom-right" limit={5} transitionDuration={80} />
      <Frame />
    </MantineProvider>
  )
}

function Frame() {
  const phase = useStore((state) => state.phase)
  const view = useStore((state) => state.view)
  const failure = useStore((state) => state.failure)
  const openRun = useStore((state) => state.openRun)
  const explained = useStore((state) => state.explained)
  const isCheckShown = useStore((state) => state.isCheckShown)
  // What a notice speaks of may have been mended with it.
  const told = useStore((state) => state.notices.length)
  const { opened } = useSpotlight(paletteStore)
  const View = views[view]
  return (
    <div className="frame">
      <GuardedPart name="The strip above">
        <StatusBar />
      </GuardedPart>
      <Rail />
      <div className="view">
        <GuardedPart name="A notice">
          <Banners />
        </GuardedPart>
        <main aria-label={view} aria-busy={phase === 'opening'}>
          <VisuallyHidden component="h1">{titles[view]}</VisuallyHidden>
          {phase === 'open' && (
            <GuardedView view={view} title={titles[view]} resetKey={`${openRun ?? ''} ${told}`}>
              <View />
            </GuardedView>
          )}
          {phase === 'failed' && (
            <Empty
              title="The library could not be opened"
              action={{ label: 'Try again', act: () => location.reload() }}
            >
              <span className="selectable">
                {failure} Nothing was changed. Runs lie one per folder beside library.json, so they can be copied to a
                safe place before anything else.
              </span>
            </Empty>
          )}
        </main>
      </div>
      {phase === 'open' && (
        <GuardedLayer name="The explanation" resetKey={explained} close={() => explain(null)}>
          <MethodDrawer />
        </GuardedLayer>
      )}
      {phase === 'open' && (
        <GuardedLayer name="The palette" resetKey={opened} close={palette.close}>
          <Palette />
        </GuardedLayer>
      )}
      {phase === 'open' && (
        <GuardedLayer name="The check of the library" resetKey={isCheckShown} close={hideCheck}>
          <LibraryCheckDialog />
        </GuardedLayer>
      )}
    </div>
  )
}

function Scheme() {
  const chosen = useStore((state) => state.settings.theme)
  const opening = useStore((state) => state.phase === 'opening')
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  useEffect(() => {
    if (!opening) setColorScheme(chosen === 'system' ? 'auto' : chosen)
  }, [chosen, opening, setColorScheme])
  return null
}

function Keys() {
  // They work while typing too: a config is saved and started from the keyboard without leaving its field.
  useHotkeys(
    [
      ['mod+K', palette.toggle],
      ['mod+shift+P', palette.toggle],
      ...actions
        .filter(({ keys, only }) => keys !== '' && only === undefined)
        .map(({ keys, id }): [string, () => void] => [keys, () => perform(id)]),
    ],
    [],
  )
  useHotkeys(
    actions.flatMap(({ keys, id, only }): [string, (event: KeyboardEvent) => void, { preventDefault: boolean }][] =>
      only === undefined
        ? []
        : [
            [
              keys,
              (event) => {
                if (useStore.getState().view !== only || undoesItself(event.target)) return
                event.preventDefault()
                perform(id)
              },
              { preventDefault: false },
            ],
          ],
    ),
    [],
  )
  return null
}
