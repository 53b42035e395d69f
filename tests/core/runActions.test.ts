import { describe, expect, it } from 'vitest'
import { allowsAction, judgeAction, runActionNames, type RunActionName } from '../../core/runActions'
import { RunConfig } from '../../core/config/config'
import { RunStatus } from '../../core/run'

const unnamed = { config: RunConfig.parse({ learningRate: { base: 0.1 } }), facts: null }

// One letter per status: d do, a already so, r refused.
const order: readonly RunStatus[] = [
  'queued',
  'starting',
  'running',
  'pausing',
  'paused',
  'stopping',
  'interrupted',
  'finished',
  'stopped',
  'earlyStopped',
  'diverged',
  'failed',
]
const table: Readonly<Record<RunActionName, string>> = {
  pause: 'd d d a a r r r r r r r',
  resume: 'a a a r d r d r d r r d',
  stop: 'd d d d d a d r a r r r',
  kill: 'r d d d r d a r r r r r',
  save: 'r r d a r a r r r r r r',
  extend: 'r r r r d r d d d d r d',
  fork: 'd d d d d d d d d d d d',
  relocate: 'd r r r d r d d d d d d',
  remove: 'd r r r d r d d d d d d',
  restore: 'a a a a a a a a a a a a',
  purge: 'r r r r r r r r r r r r',
  rename: 'd d d d d d d d d d d d',
  star: 'd d d d d d d d d d d d',
  compare: 'd d d d d d d d d d d d',
}
const checkpoint = {
  name: 'last',
  kinds: ['last' as const],
  moment: { update: 1, epoch: 0, position: 1, examples: 1, seconds: 1 },
  bytes: 1,
  validation: null,
}
const letter = { do: 'd', already: 'a', refuse: 'r' } as const
const requests = runActionNames
const worksInTrash = new Set<RunActionName>(['relocate', 'restore', 'purge', 'rename', 'star', 'compare'])

describe('which request is allowed in which status', () => {
  it('names every status once', () => expect([...order].sort()).toEqual([...RunStatus.options].sort()))

  it.each(requests)('%s', (request) => {
    const found = order
      .map(
        (status) =>
          letter[
            judgeAction(request, { ...unnamed, name: 'x', status, removedAt: null, checkpoints: [checkpoint] }).type
          ],
      )
      .join(' ')
    expect(found).toBe(table[request])
  })

  it.each(requests)('%s of a removed run', (request) => {
    for (const status of ['paused', 'interrupted', 'finished', 'failed'] as const) {
      const expected = request === 'remove' ? 'already' : worksInTrash.has(request) ? 'do' : 'refuse'
      expect(
        judgeAction(request, { ...unnamed, name: '', status, removedAt: '2026-01-01', checkpoints: [checkpoint] }).type,
      ).toBe(expected)
    }
  })

  it.each(requests)('%s: gives a reason wherever it cannot be done, and none where it can', (request) => {
    for (const status of order)
      for (const removedAt of [null, '2026-01-01'])
        for (const checkpoints of [[], [checkpoint]]) {
          const run = { ...unnamed, name: 'x', status, removedAt, checkpoints }
          const verdict = judgeAction(request, run)
          const reason = verdict.type === 'do' ? '' : verdict.message
          expect(reason === '', `${request} in ${status}`).toBe(allowsAction(request, run))
          if (reason !== '') expect(reason).toMatch(/^“x” [a-z][^.]*[a-z]$/)
        }
  })

  it('refuses in a sentence that names the run', () => {
    const verdict = judgeAction('pause', {
      ...unnamed,
      name: 'big batch',
      status: 'finished',
      removedAt: null,
      checkpoints: [],
    })
    expect(verdict).toEqual({ type: 'refuse', message: '“big batch” has ended' })
  })

  it('needs a checkpoint to extend or fork from', () => {
    for (const request of ['extend', 'fork'] as const) {
      expect(
        judgeAction(request, { ...unnamed, name: '', status: 'paused', removedAt: null, checkpoints: [] }),
      ).toEqual({
        type: 'refuse',
        message: '“Tiny CNN · Digits · B 128 · η 0.1” has no checkpoint to go on from',
      })
    }
  })
})
