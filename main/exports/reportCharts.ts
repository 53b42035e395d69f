import type { Points } from '../../core/events'
import { smooth } from '../../core/measure'
import { plannedEpochs } from '../../core/plan/phases'
import type { TracedRun } from '../../core/run'
import type { SvgChart, SvgCurve } from './svgChart'

// Okabe & Ito's colours, told apart with every common form of colour blindness.
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#777777'] as const

export const reportColour = (index: number): string => palette[index % palette.length] ?? palette[0]

/**
 * How many epochs an update of a run lies at, so that runs with different batch sizes share an axis. The epochs on
 * record are the marks between which updates are spread evenly: that holds for forks, extended runs and batches that
 * grow.
 */
export function epochsAt({ run }: TracedRun): (update: number) => number {
  const marks = run.epochs.map(({ moment }) => ({ update: moment.update, epoch: moment.epoch }))
  const planned = Math.max(1, run.updates / plannedEpochs(run))
  const first = marks[0] ?? { update: 0, epoch: 0 }
  const before = {
    update: Math.max(0, first.update - first.epoch * planned),
    epoch: Math.max(0, first.epoch - first.update / planned),
  }
  const known = marks[0] === undefined ? [first] : [before, ...marks]
  let at = 0
  // Calls come in rising order, so the search goes on from the last hit.
  return (update) => {
    if (update < (known[at]?.update ?? 0)) at = 0
    while (at + 1 < known.length && (known[at + 1]?.update ?? Infinity) <= update) at++
    const [from = first, to] = [known[at], known[at + 1]]
    const length = to === undefined ? planned : (to.update - from.update) / Math.max(1e-9, to.epoch - from.epoch)
    return from.epoch + (update - from.update) / Math.max(1e-9, length)
  }
}

/** The curve over updates and, in front of it, its average; as much is averaged as the curve is long. */
function updateCurves(
  traced: TracedRun,
  label: string,
  colour: string,
  values: (trace: Points) => readonly (number | null)[],
): readonly SvgCurve[] {
  const { trace } = traced
  const x = trace.update.map(epochsAt(traced))
  const y = values(trace)
  const keep = Math.min(0.99, 1 - 60 / y.length)
  if (keep <= 0) return [{ label, colour, x, y, style: 'line' }]
  const average = smooth(
    y.map((value) => value ?? NaN),
    keep,
  ).map((value) => (Number.isFinite(value) ? value : null))
  return [
    { label, colour, x, y, style: 'faint' },
    { label, colour, x, y: average, style: 'line' },
  ]
}

type Labelled = { readonly traced: TracedRun; readonly label: string; readonly colour: string }

const epochCurve = (
  { traced: { run }, label, colour }: Labelled,
  suffix: string,
  value: (epoch: TracedRun['run']['epochs'][number]) => number | null,
): SvgCurve => ({
  label: `${label}${suffix}`,
  colour,
  x: run.epochs.map(({ epoch }) => epoch),
  y: run.epochs.map(value),
  style: 'points',
})

const testMarks = (
  { traced: { run }, label, colour }: Labelled,
  value: (score: { readonly loss: number | null; readonly accuracy: number }) => number | null,
): SvgCurve => {
  const tests = [run.test.best, run.test.last].filter((test) => test !== null).sort((a, b) => a.epoch - b.epoch)
  return {
    label: `${label} · test`,
    colour,
    x: tests.map(({ epoch }) => epoch),
    y: tests.map(({ score }) => value(score)),
    style: 'marks',
  }
}

const hundredfold = (value: number | null): number | null => (value === null ? null : 100 * value)

const fewRates = 20

/** The charts of a report of some runs; those that would be empty are left out. */
export function reportCharts(runs: readonly Labelled[]): readonly SvgChart[] {
  const charts: readonly SvgChart[] = [
    {
      title: 'Loss',
      xLabel: 'epochs',
      yLabel: 'loss (nats)',
      mayBeLog: true,
      curves: runs.flatMap((one) => [
        ...updateCurves(one.traced, `${one.label} · train`, one.colour, ({ loss }) => loss),
        epochCurve(one, ' · validation', ({ validation }) => validation?.loss ?? null),
        testMarks(one, ({ loss }) => loss),
      ]),
    },
    {
      title: 'Accuracy',
      xLabel: 'epochs',
      yLabel: 'accuracy (%)',
      mayBeLog: false,
      curves: runs.flatMap((one) => [
        ...updateCurves(one.traced, `${one.label} · train`, one.colour, ({ accuracy }) => accuracy.map(hundredfold)),
        epochCurve(one, ' · validation', ({ validation }) => hundredfold(validation?.accuracy ?? null)),
        testMarks(one, ({ accuracy }) => 100 * accuracy),
      ]),
    },
    {
      title: 'Learning rate',
      xLabel: 'epochs',
      yLabel: 'learning rate',
      // Steps read best as factors; a curve that falls to zero would be all tail.
      mayBeLog: runs.every(({ traced }) => new Set(traced.trace.learningRate).size <= fewRates),
      curves: runs.map(({ traced, label, colour }) => {
        const place = epochsAt(traced)
        // The rate of an update is the plan's value before it.
        return {
          label,
          colour,
          x: traced.trace.update.map((update) => place(update - 1)),
          y: traced.trace.learningRate,
          style: 'line',
        }
      }),
    },
    {
      title: 'Gradient norm',
      xLabel: 'epochs',
      yLabel: 'gradient norm',
      mayBeLog: true,
      curves: runs.flatMap(({ traced, label, colour }) =>
        updateCurves(traced, label, colour, ({ gradientNorm }) => gradientNorm),
      ),
    },
    {
      title: 'Distance from the initial weights',
      xLabel: 'epochs',
      yLabel: '‖w − w₀‖',
      mayBeLog: false,
      curves: runs.map((one) => epochCurve(one, '', ({ distance }) => distance)),
    },
  ]
  const marks = runs.flatMap(({ traced, colour }) =>
    (traced.run.extensions ?? []).map(({ update, epochs }) => ({
      x: epochsAt(traced)(update),
      label: `extended to ${epochs} epochs`,
      colour,
    })),
  )
  return charts
    .map((chart) => ({ ...chart, marks }))
    .filter(({ curves }) => curves.some(({ y }) => y.some((value) => value !== null)))
}
