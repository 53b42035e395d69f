import { Star } from 'lucide-react'
import type { ReactNode } from 'react'
import { bestEpoch } from '../../core/best'
import { chanceNote } from '../../core/chance'
import type { Score } from '../../core/score'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run } from '../../core/run'
import { annotate } from '../commands'
import { duration, percent } from '../format'
import { dataName, networkName, rateOrigin, runName } from '../names'
import { secondsPerEpoch, testAccuracy } from '../../core/runStatistics'
import { formatCount, quantity } from '../../core/numbers'
import { Ago } from '../components/Ago'
import { fittingCharacters } from '../components/FittedName'
import { Name } from '../components/Name'
import { Status } from '../components/Status'
import { columnWidths } from './columnWidths'

const fitting = (id: string): number => fittingCharacters((columnWidths().whole[id] ?? 0) - 12)

/** What a row of the history says in each column. */
export const runCells: Readonly<
  Record<string, (run: Run, room: { readonly nameLength: number; readonly isShort: boolean }) => ReactNode>
> = {
  starred: (run) => <StarMark run={run} />,
  status: (run, { isShort }) => <Status run={run} short={isShort} />,
  name: (run, { nameLength }) => <Name text={runName(run)} length={nameLength} />,
  data: (run) => <Name text={dataName(run.config.data.source)} length={fitting('data')} />,
  network: (run) => <Name text={networkName(run.config.network)} length={fitting('network')} />,
  batch: (run) => formatCount(run.config.batchSize),
  rate: (run) => <span title={rateOrigin(run)}>{quantity(scaledRateOfRun(run))}</span>,
  validation: (run) => {
    const best = bestEpoch(run)
    return (
      <span
        title={
          best === undefined
            ? undefined
            : measuredIn(
                run,
                `Epoch ${best.epoch}, ${formatCount(best.validation?.images)} validation images`,
                best.validation,
              )
        }
      >
        {percent(best?.validation?.accuracy)}
      </span>
    )
  },
  test: (run) => {
    const tested = run.test.best ?? run.test.last
    return (
      <span
        title={
          tested === null
            ? undefined
            : measuredIn(
                run,
                `Weights of epoch ${tested.epoch}, ${formatCount(tested.score.images)} test images`,
                tested.score,
              )
        }
      >
        {percent(testAccuracy(run))}
      </span>
    )
  },
  speed: (run) => duration(secondsPerEpoch(run)),
  started: (run) => <Ago at={run.startedAt ?? run.createdAt} />,
  tags: (run) =>
    run.tags.map((tag) => (
      <span key={tag} className="tag" title={tag}>
        {tag.slice(0, 60)}
      </span>
    )),
}

// What an accuracy is worth: one that guessing would reach, or one from before the weights were lost, says so.
function measuredIn(run: Run, where: string, score: Score | null): string {
  const chance = chanceNote(score, run.facts?.classes.length)
  return `${where}${chance === '' ? '' : `, ${chance}`}${run.status === 'diverged' ? ', before it diverged' : ''}`
}

function StarMark({ run }: { readonly run: Run }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className="plain star"
      aria-pressed={run.starred}
      aria-label={run.starred ? 'Remove the star' : 'Star'}
      onClick={(event) => {
        event.stopPropagation()
        annotate(run.id, { starred: !run.starred })
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Star size={13} fill={run.starred ? 'currentColor' : 'none'} />
    </button>
  )
}
