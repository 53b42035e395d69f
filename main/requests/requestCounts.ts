import type { Reply, RequestName } from '../../core/protocol'
import { requestError } from './requestError'

const many = 500
/** Requests that start work of their own, each in a process beside the training; they wait for one another. */
const working = 32
/** One dialog at a time, and no heap of copies of a long list. */
const atOnce: Readonly<Partial<Record<RequestName, number>>> = {
  'data.choose': 1,
  'weights.choose': 1,
  'configs.open': 1,
  'configs.save': 1,
  'figures.save': 1,
  'runs.locate': 1,
  'downloads.start': 1,
  'app.openDocs': 5,
  'papers.open': 5,
  'runs.list': 4,
  'engines.probe': 4,
  'library.check': 4,
  'runs.trace': 64,
  'runs.diagnoses': 64,
  'data.inspect': working,
  'data.preview': working,
  'checkpoints.compare': working,
  'runs.start': working,
  'runs.fork': working,
}
/** What opens another program's window keeps its place for a moment, so that no page opens hundreds of them. */
const restMs: Readonly<Partial<Record<RequestName, number>>> = { 'app.openDocs': 2000, 'papers.open': 2000 }

/**
 * Counts the requests that are under way. Settles as the work does, and refuses one more than there may be of its kind:
 * nothing that a page repeats piles up in main.
 */
export function countRequests(): <N extends RequestName>(name: N, work: () => Promise<Reply<N>>) => Promise<Reply<N>> {
  const counts = new Map<RequestName, number>()
  const change = (name: RequestName, by: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + by)
  }
  return async (name, work) => {
    const most = atOnce[name] ?? many
    if ((counts.get(name) ?? 0) >= most)
      throw requestError(
        most === 1
          ? `The request ${name} is under way already`
          : `${String(most)} requests ${name} are under way; ask again when there are fewer`,
      )
    change(name, 1)
    let rest = 0
    try {
      const reply = await work()
      if (reply.ok) rest = restMs[name] ?? 0
      return reply
    } finally {
      if (rest === 0) change(name, -1)
      else
        setTimeout(() => {
          change(name, -1)
        }, rest).unref()
    }
  }
}
