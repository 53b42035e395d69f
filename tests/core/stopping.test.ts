import { describe, expect, it } from 'vitest'
import { EarlyStoppingConfig } from '../../core/config/stopping'
import type { Checkpoint } from '../../core/events'
import type { Score } from '../../core/score'
import { start } from '../../core/moment'
import { notYet, ranked, superfluous, watchEpoch } from '../../core/stopping'

const score = (accuracy: number, loss: number | null = 1): Score => ({ accuracy, loss, images: 100 })
const config = (changes: Partial<EarlyStoppingConfig>): EarlyStoppingConfig => ({
  ...EarlyStoppingConfig.parse({ enabled: true, patience: 2 }),
  ...changes,
})

function follow(
  settings: EarlyStoppingConfig,
  scores: readonly (Score | null)[],
): { stoppedAt: number | null; bestEpoch: number } {
  let state = notYet
  for (const [index, one] of scores.entries()) {
    const watched = watchEpoch(settings, state, index + 1, one)
    state = watched.state
    if (watched.stop) return { stoppedAt: index + 1, bestEpoch: state.bestEpoch }
  }
  return { stoppedAt: null, bestEpoch: state.bestEpoch }
}

describe('early stopping', () => {
  it.each([
    [
      'stops after patience epochs without improvement',
      config({}),
      [0.5, 0.6, 0.6, 0.59].map((a) => score(a)),
      { stoppedAt: 4, bestEpoch: 2 },
    ],
    [
      'starts to wait anew after an improvement',
      config({}),
      [0.5, 0.4, 0.6, 0.5].map((a) => score(a)),
      { stoppedAt: null, bestEpoch: 3 },
    ],
    [
      'counts only improvements beyond the minimum delta',
      config({ minimumDelta: 0.1 }),
      [0.5, 0.55, 0.58].map((a) => score(a)),
      { stoppedAt: 3, bestEpoch: 1 },
    ],
    [
      'watches a loss fall',
      config({ monitor: 'validationLoss' }),
      [1, 0.9, 0.95, 0.97].map((l) => score(0.5, l)),
      { stoppedAt: 4, bestEpoch: 2 },
    ],
    [
      'does not take an infinite loss for an improvement',
      config({ monitor: 'validationLoss' }),
      [score(0.1, null), score(0.1, null)],
      { stoppedAt: 2, bestEpoch: 0 },
    ],
    [
      'never stops a run that did not ask for it',
      config({ enabled: false }),
      [0.5, 0.4, 0.3, 0.2, 0.1].map((a) => score(a)),
      { stoppedAt: null, bestEpoch: 1 },
    ],
  ])('%s', (_, settings, scores, expected) => {
    expect(follow(settings, scores)).toEqual(expected)
  })

  it('goes on from a saved state as if it had never paused', () => {
    const scores = [0.5, 0.6, 0.55, 0.58].map((a) => score(a))
    let state = notYet
    for (const [index, one] of scores.entries())
      state = watchEpoch(config({}), JSON.parse(JSON.stringify(state)) as typeof state, index + 1, one).state
    expect(state).toEqual({ best: 0.6, bestEpoch: 2, waited: 2 })
  })
})

describe('checkpoint retention', () => {
  const checkpoint = (
    name: string,
    update: number,
    accuracy: number,
    kind: Checkpoint['kinds'][number] = 'best',
  ): Checkpoint => ({ name, kinds: [kind], moment: { ...start, update }, bytes: 1, validation: score(accuracy) })
  const all = [
    checkpoint('b1', 1, 0.5),
    checkpoint('b2', 2, 0.8),
    checkpoint('b3', 3, 0.8),
    checkpoint('b4', 4, 0.7),
    checkpoint('last', 5, 0.1, 'last'),
    checkpoint('m', 5, 0.1, 'manual'),
  ]

  it('ranks by the monitor and lets the earlier epoch win a tie', () => {
    expect(
      ranked('validationAccuracy', all)
        .slice(0, 3)
        .map(({ name }) => name),
    ).toEqual(['b2', 'b3', 'b4'])
  })

  it('lets go of bests beyond the number to keep, and of nothing else', () => {
    expect(superfluous('validationAccuracy', 2, all)).toEqual(['b1', 'b4'])
    expect(superfluous('validationAccuracy', 9, all)).toEqual([])
  })
})
