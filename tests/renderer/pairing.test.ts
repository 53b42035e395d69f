import { describe, expect, it } from 'vitest'
import { besideCheckpoint, pairInWords } from '../../renderer/compare/pairing'
import { fakeRun } from './fakeRun'

describe('a checkpoint to compare', () => {
  const parent = fakeRun(0, { name: 'Parent' }).run
  const fork = {
    ...fakeRun(1, { name: 'Child' }).run,
    origin: { type: 'fork' as const, run: parent.id, checkpoint: 'last', update: 3 },
  }
  const runs = { [parent.id]: parent, [fork.id]: fork }
  const [ofParent, ofFork] = [
    { run: parent.id, checkpoint: 'last.safetensors' },
    { run: fork.id, checkpoint: 'last.safetensors' },
  ]

  it('is put beside the best of the run that it was forked from, and else beside nothing', () => {
    expect(besideCheckpoint(ofFork, runs)).toEqual({
      run: parent.id,
      checkpoint: parent.checkpoints.find(({ kinds }) => kinds.includes('best'))?.name,
    })
    expect(besideCheckpoint(ofParent, runs)).toBeNull()
    expect(
      besideCheckpoint(ofFork, { ...runs, [parent.id]: { ...parent, removedAt: '2026-01-01T00:00:00Z' } }),
    ).toBeNull()
    expect(besideCheckpoint(ofFork, { [fork.id]: fork })).toBeNull()
  })

  it('is said, with what is still to be chosen', () => {
    expect(pairInWords(null, null, runs)).toBe('Choose two checkpoints.')
    expect(pairInWords(ofParent, null, runs)).toBe('A is last of “Parent”. Choose the checkpoint to put beside it.')
    expect(pairInWords(null, ofParent, runs)).toBe('B is last of “Parent”. Choose the checkpoint to put beside it.')
    expect(pairInWords(ofParent, ofFork, runs)).toBe(
      'Compare evaluates both checkpoints on the same images, one after the other.',
    )
    expect(pairInWords(ofFork, ofParent, runs)).toBe(
      'Compare evaluates both checkpoints on the same images, one after the other. B is last of “Parent”, ' +
        'which A was forked from.',
    )
  })
})
