import { VisuallyHidden } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { CheckpointRef, Comparison } from '../../core/protocol'
import { leftOut, seenByOne, warningsAbout, type Evaluation, type NamedEvaluation } from '../../core/evaluation'
import { significantDifference } from '../../core/measure'
import { confusionColumns, confusionLabels, drawConfusion, type PickedCell } from './confusion'
import { csvOfColumns } from '../charts/csv'
import { percent, percentagePoints, signed } from '../format'
import { runName } from '../names'
import { confusionDifference, mcnemar, outcomesOf } from '../../core/outcomes'
import { formatCount, quantity, significant } from '../../core/numbers'
import { useStore } from '../store'
import { ChartView } from '../charts/ChartView'
import { Dot } from '../components/Dot'
import { ImageLists } from './ImageLists'
import { Name } from '../components/Name'

const named = ({ a, b }: Comparison): readonly [NamedEvaluation, NamedEvaluation] => [
  { name: 'A', evaluation: a },
  { name: 'B', evaluation: b },
]

interface Props {
  readonly result: Comparison
  readonly a: CheckpointRef
  readonly b: CheckpointRef
}

/** What came of a comparison: numbers, whether they mean anything, confusion, and the images themselves. */
export function Outcome({ result, a, b }: Props) {
  const [cell, setCell] = useState<PickedCell | null>(null)
  const outcomes = useMemo(() => outcomesOf(result.a, result.b), [result])
  const p = mcnemar(outcomes.onlyA.length, outcomes.onlyB.length)
  const { split, classes } = result.a
  const height = Math.min(420, 150 + classes.length * 22)
  const difference = useMemo(() => confusionDifference(result.a.confusion, result.b.confusion), [result])
  const names = useMemo(() => confusionLabels(classes), [classes])
  const warnings = useMemo(() => warningsAbout(named(result)), [result])
  const caveat = seenByOne(...named(result))
  const discordant = outcomes.onlyA.length + outcomes.onlyB.length
  const matrices = [
    { name: `Confusion of A on ${split}`, matrix: result.a.confusion, difference: false, of: 'A' as const },
    { name: `Confusion of B on ${split}`, matrix: result.b.confusion, difference: false, of: 'B' as const },
    { name: `Difference, B − A`, matrix: difference, difference: true, of: 'B' as const },
  ]
  return (
    <>
      {warnings.map((warning) => (
        <div key={warning} className="banner selectable" data-level="warning">
          <p>{warning}.</p>
        </div>
      ))}
      <div className="pad selectable" style={{ display: 'flex', gap: 32, flexWrap: 'wrap' }}>
        <Scores result={result} a={a} b={b} />
        <div style={{ flex: 1, minWidth: 260 }}>
          <h2 className="heading">Is it a difference?</h2>
          <p style={{ margin: '4px 0' }}>{verdict(p, outcomes.onlyA.length, outcomes.onlyB.length, caveat)}</p>
          {caveat !== '' && <p style={{ margin: '4px 0', color: 'var(--warn)' }}>{caveat}.</p>}
          <p className="quiet" style={{ margin: 0 }}>
            McNemar’s exact test on {discordant === 1 ? 'the one image' : `the ${formatCount(discordant)} images`} that
            only one gets right: p = {p < 1e-4 ? p.toExponential(1) : significant(p, 3)}. It speaks of these two
            checkpoints on these images, not of other seeds: between two runs, differences below{' '}
            {(
              significantDifference(result.a.score.accuracy, result.b.score.accuracy, result.a.score.images) * 100
            ).toFixed(2)}{' '}
            pp are within the sampling error of {formatCount(result.a.score.images)} images at 95 %.
          </p>
        </div>
      </div>
      <div className="matrices">
        {matrices.map(({ name, matrix, difference: isDifference, of }) => (
          <ChartView
            key={name}
            name={name}
            height={height}
            revision={`${name} ${a.run}${a.checkpoint}${b.run}${b.checkpoint}`}
            draw={({ theme: ink }) => drawConfusion(matrix, classes, { theme: ink, difference: isDifference })}
            csv={() => csvOfColumns(confusionColumns(matrix, classes))}
            onPick={
              isDifference
                ? undefined
                : (predicted, truth) =>
                    setCell({
                      truth: names.findIndex((label) => label === truth),
                      predicted: names.findIndex((label) => label === predicted),
                      of,
                    })
            }
          />
        ))}
      </div>
      <ImageLists result={result} outcomes={outcomes} cell={cell} clear={() => setCell(null)} />
    </>
  )
}

function verdict(p: number, onlyA: number, onlyB: number, caveat: string): string {
  if (onlyA === 0 && onlyB === 0) return 'Both get the same images right.'
  if (onlyA === onlyB) return 'Each gets as many images right that the other does not.'
  const better = onlyA > onlyB ? 'A' : 'B'
  if (caveat !== '') return `${better} gets more of these images right.`
  if (p < 0.01) return `${better} is better, beyond what chance explains.`
  return p < 0.05 ? `${better} is probably better.` : 'Chance alone may explain the difference.'
}

function Scores({ result, a, b }: Props) {
  const runs = useStore((state) => state.runs)
  const left = leftOut([result.a, result.b])
  const rows = [
    {
      label: `Accuracy on ${result.a.split}`,
      a: percent(result.a.score.accuracy),
      b: percent(result.b.score.accuracy),
      d: percentagePoints(result.b.score.accuracy - result.a.score.accuracy),
    },
    {
      label: `Loss on ${result.a.split}`,
      a: quantity(result.a.score.loss),
      b: quantity(result.b.score.loss),
      d:
        result.a.score.loss === null || result.b.score.loss === null
          ? '–'
          : signed(result.b.score.loss - result.a.score.loss, quantity),
    },
    { label: `Images of “${result.a.data.name}”`, a: dataOf(result.a), b: dataOf(result.b), d: '' },
    { label: 'Fed with', a: fed(result.a), b: fed(result.b), d: '' },
    { label: 'Seen in training', a: trainedOn(result.a), b: trainedOn(result.b), d: '' },
    {
      label: left === 0 ? 'Images' : `Images (${formatCount(left)} left out)`,
      a: formatCount(result.a.score.images),
      b: formatCount(result.b.score.images),
      d: '',
    },
    { label: 'Epoch', a: formatCount(result.a.moment.epoch), b: formatCount(result.b.moment.epoch), d: '' },
    { label: 'Updates', a: formatCount(result.a.moment.update), b: formatCount(result.b.moment.update), d: '' },
  ]
  const head = (letter: string, { run, checkpoint }: CheckpointRef) => {
    const record = runs[run]
    return (
      <th className="right">
        <Dot id={run} /> {letter} <Name text={record === undefined ? run : runName(record)} length={20} />
        <br />
        <span className="tiny">{checkpoint.replace('.safetensors', '')}</span>
      </th>
    )
  }
  return (
    <table className="grid-table" style={{ width: 'auto' }}>
      <thead>
        <tr>
          <th>
            <VisuallyHidden>What</VisuallyHidden>
          </th>
          {head('A', a)}
          {head('B', b)}
          <th className="right">B − A</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <td className="quiet">{row.label}</td>
            <td className="right number">{row.a}</td>
            <td className="right number">{row.b}</td>
            <td className="right number">{row.d}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const relations: Readonly<Record<Evaluation['data']['relation'], string>> = {
  own: 'its own',
  changed: 'its own, changed since',
  other: 'not its own',
}
const dataOf = ({ data }: Evaluation): string => relations[data.relation]

function fed({ input: { normalisation, mean, std } }: Evaluation): string {
  const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(', ')
  return normalisation === 'none' ? 'pixels 0…1' : `(pixel − ${shown(mean)}) / ${shown(std)}`
}

function trainedOn({ trainedOn: seen, images }: Evaluation): string {
  if (!seen.isKnown) return 'not known'
  const measured = new Set(images)
  return formatCount(seen.images.filter((image) => measured.has(image)).length)
}
