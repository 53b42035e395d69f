import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import { titleOf } from '../../core/names'
import { type Run, RunStatus } from '../../core/run'
import { actionBlock, allowsAction, judgeAction, type RunActionName } from '../../core/runActions'
import type { Library } from '../../main/library/library'
import { createRunQueue, type RunQueue } from '../../main/queue/runQueue'
import { actions, menuStateOf } from '../../renderer/actions'
import { RunControls } from '../../renderer/run/RunControls'
import { runActions } from '../../renderer/runActions'
import { initialWindowState, useStore } from '../../renderer/store'
import { fakeHost } from '../support/fakeHost'
import { fakeTraining } from '../support/fakeTraining'
import { fakeRun } from './fakeRun'

const whole = fakeRun(0).run
const places = [
  { where: 'with a checkpoint', removedAt: null, checkpoints: whole.checkpoints },
  { where: 'without one', removedAt: null, checkpoints: [] },
  { where: 'in the trash', removedAt: '2026-01-01T00:00:00Z', checkpoints: whole.checkpoints },
]
const runs: readonly (readonly [string, Run])[] = RunStatus.options.flatMap((status) =>
  places.map(({ where, ...more }) => [`${status} ${where}`, { ...whole, ...more, status }] as const),
)

/** What buttons, the menu of a row and the panel of a selection ask. */
const offered: Readonly<Partial<Record<RunActionName, keyof typeof runActions>>> = {
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  kill: 'kill',
  save: 'saveCheckpoint',
  fork: 'fork',
  remove: 'trash',
  restore: 'restore',
  purge: 'purge',
  rename: 'rename',
  star: 'star',
}
/** Keys and the palette, by the id of their action; the first three are items of the native menu too. */
const keyed = { pause: 'pauseRun', resume: 'resumeRun', stop: 'stopRun', save: 'saveCheckpoint' } as const
const named = <T extends object>(table: T): readonly (keyof T & RunActionName)[] =>
  Object.keys(table) as (keyof T & RunActionName)[]

/** A queue of a library that knows one run and can do nothing with it. */
const queueOf = (run: Run): RunQueue =>
  createRunQueue({
    library: {
      readOnly: '',
      folder: '',
      run: () => run,
      listen: () => () => undefined,
      whenLost: () => undefined,
      notice: () => undefined,
    } as unknown as Library,
    host: fakeHost(fakeTraining()),
    folders: { cache: '', resources: '' },
  })

const asked: Readonly<Partial<Record<RunActionName, (queue: RunQueue, run: Run) => Promise<unknown>>>> = {
  pause: (queue, { id }) => queue.pause(id),
  resume: (queue, { id }) => queue.resume(id),
  stop: (queue, { id }) => queue.stop(id),
  kill: (queue, { id }) => queue.kill(id),
  save: (queue, { id }) => queue.save(id),
  extend: (queue, { id, config }) => queue.extend(id, config.epochs + 1),
  relocate: (queue, { id }) => queue.relocate(id, '/elsewhere'),
  remove: (queue, { id }) => queue.remove([id]),
  restore: (queue, { id }) => queue.restore([id]),
  purge: (queue, { id }) => queue.purge([id]),
}

afterEach(() => {
  useStore.setState(initialWindowState(), true)
})

describe.each(runs)('a run that is %s', (_, run) => {
  it('is offered the same by buttons, menus of rows and selections', () => {
    for (const name of named(offered)) {
      const action = runActions[offered[name]!]
      expect(action.blocked([run]), name).toBe(actionBlock(name, run))
    }
    const other = { ...whole, id: 'anotherrun00' }
    expect(runActions.compare.blocked([run, other])).toBe(actionBlock('compare', run))
  })

  it('is offered the same by keys, the palette and the native menu', () => {
    useStore.setState({ phase: 'open', view: 'run', openRun: run.id, runs: { [run.id]: run } })
    for (const name of named(keyed)) {
      const action = actions.find(({ id }) => id === keyed[name])
      expect(action?.blocked(useStore.getState()), name).toBe(actionBlock(name, run))
    }
    expect(menuStateOf(useStore.getState())).toEqual({
      pauseRun: allowsAction('pause', run),
      resumeRun: allowsAction('resume', run),
      stopRun: allowsAction('stop', run),
    })
  })

  it('has the buttons of what can be done, and no others', () => {
    const page = renderToStaticMarkup(
      <MantineProvider>
        <RunControls run={run} />
      </MantineProvider>,
    )
    const has = (text: string): boolean => page.includes(text)
    expect({
      pause: has('>Pause<'),
      resume: has('>Resume<'),
      stop: has('>Stop<'),
      kill: has('>End now<') || has('More ways to stop'),
      save: has('>Save checkpoint<'),
      extend: has('>Extend…<'),
      fork: has('>Fork<'),
    }).toEqual(
      Object.fromEntries(
        (['pause', 'resume', 'stop', 'kill', 'save', 'extend', 'fork'] as const).map((name) => [
          name,
          allowsAction(name, run),
        ]),
      ),
    )
  })

  it.each(named(asked))('gets from the queue what the table says of %s', async (name) => {
    const verdict = judgeAction(name, run)
    const failure: unknown = await asked[name]!(queueOf(run), run).then(
      () => null,
      (error: unknown) => error,
    )
    if (verdict.type === 'refuse') expect(failure).toMatchObject({ name: 'RequestError', message: verdict.message })
    // What may be done, or is so already, gets as far as the data or the library, and is not refused for what the run is.
    else expect(failure instanceof Error && failure.message.startsWith(titleOf(run))).toBe(false)
  })
})
