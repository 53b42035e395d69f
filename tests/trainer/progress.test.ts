import { describe, expect, it } from 'vitest'
import type { HostMessage } from '../../core/job'
import { progressOf } from '../../main/trainer/progress'

const told = (
  steps: readonly (readonly ['checking' | 'reading' | 'packing' | 'unpacking', number])[],
): readonly string[] => {
  const messages: string[] = []
  const on = progressOf((message: HostMessage) => {
    if (message.type === 'progress') messages.push(`${message.message} ${String(message.fraction)}`)
  })
  for (const [stage, done] of steps) on({ stage, done, total: 100 })
  return messages
}

describe('the progress of loading', () => {
  it('always says the last word of a stage, and says it once', () => {
    expect(
      told([
        ['unpacking', 1],
        ['unpacking', 50],
        ['unpacking', 75],
        ['unpacking', 100],
        ['unpacking', 100],
      ]),
    ).toEqual(['Unpacking the images 0.01', 'Unpacking the images 1'])
  })

  it('says every stage', () => {
    expect(
      told([
        ['checking', 1],
        ['checking', 100],
        ['reading', 1],
        ['packing', 1],
        ['packing', 100],
        ['unpacking', 3],
      ]),
    ).toEqual([
      'Checking the images 0.01',
      'Checking the images 1',
      'Reading the images 0.01',
      'Packing the images 0.01',
      'Packing the images 1',
      'Unpacking the images 0.03',
    ])
  })
})
