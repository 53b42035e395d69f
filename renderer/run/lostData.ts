import { create } from 'zustand'
import type { Reply } from '../../core/protocol'
import type { RunId } from '../../core/run'
import { sentenceOf } from '../api'
import { useStore } from '../store'
import { notifyFailure } from '../notify'

/**
 * Runs that could not go on because their data is missing or another, with the sentence; until they go on, or it is
 * found.
 */
export const useLostData = create<Readonly<Record<RunId, string>>>()(() => ({}))

export const forgetLost = (id: RunId): void =>
  useLostData.setState((all) => Object.fromEntries(Object.entries(all).filter(([other]) => other !== id)), true)

/**
 * Waits for a run to be let go on. Where its data stands in the way, its view says so and offers to find it; everything
 * else is told in a corner.
 */
export async function goOn(
  id: RunId,
  asked: Promise<Reply<'runs.resume' | 'runs.extend'>>,
  failed: string,
): Promise<void> {
  forgetLost(id)
  const reply = await asked
  if (reply.ok) return
  const lost = reply.issues.find(({ path }) => path === 'data.source.path')
  if (lost !== undefined) useLostData.setState({ [id]: lost.message })
  const { view, openRun } = useStore.getState()
  if (lost === undefined || view !== 'run' || openRun !== id) notifyFailure(failed, lost?.message ?? sentenceOf(reply))
}
