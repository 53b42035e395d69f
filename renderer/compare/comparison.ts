import { create } from 'zustand'
import type { Comparison } from '../../core/protocol'
import { call, sentenceOf } from '../api'
import type { State } from '../store'

type Asked = State['compare']

/** The comparison on screen: it outlives a look at another view, and belongs to exactly one question. */
export interface ComparisonState {
  readonly asked: Asked | null
  readonly busy: boolean
  readonly result: Comparison | null
  readonly failure: string
}

export const useComparison = create<ComparisonState>()(() => ({ asked: null, busy: false, result: null, failure: '' }))

/**
 * Evaluates both checkpoints on the same images, each fed as it was trained. An answer to a question that is no longer
 * asked is dropped.
 */
export async function compareNow(asked: Asked): Promise<void> {
  const { a, b, split, unseen } = asked
  if (a === null || b === null) return
  useComparison.setState({ asked, busy: true, failure: '' })
  const reply = await call('checkpoints.compare', { a, b, split, unseen })
  if (useComparison.getState().asked !== asked) return
  useComparison.setState(
    reply.ok ? { busy: false, result: reply.value } : { busy: false, result: null, failure: sentenceOf(reply) },
  )
}
