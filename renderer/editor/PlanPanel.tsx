import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { sizesInWords } from '../../core/ghost'
import { samplePlan } from '../../core/job'
import type { Plan } from '../../core/plan/plan'
import { formatCount, quantity } from '../../core/numbers'
import { csvOfColumns } from '../charts/csv'
import { labelOf } from '../differences'
import { estimateTime } from './estimate'
import { compact, duration } from '../format'
import { runName } from '../names'
import type { PlanAxis, PlanKind } from './planCharts'
import { drawPlan, ofFullBatches, planChartName, planColumn } from './planCharts'
import { useStore } from '../store'
import { ChartView } from '../charts/ChartView'
import { DataPreview } from './DataPreview'
import { NetworkTable } from './NetworkTable'
import { Numbers } from '../components/Numbers'
import { Toggle } from '../components/Toggle'

interface Props {
  readonly config: RunConfig
  readonly info: DatasetInfo
  readonly plan: Plan
  readonly stale: boolean
}

const drawnSamples = 1500
const axes = [
  { value: 'update', label: 'Updates' },
  { value: 'epoch', label: 'Epochs' },
  { value: 'examples', label: 'Examples' },
]

/** What follows from the config, before anything is started: the same functions that the training calls. */
export function PlanPanel({ config, info, plan, stale }: Props) {
  const [axis, setAxis] = useState<PlanAxis>('epoch')
  const [logY, setLogY] = useState(false)
  const { samples, full } = useMemo(() => {
    const every = Math.max(1, Math.ceil(plan.updates / drawnSamples))
    const all = samplePlan(plan, every)
    const ofFull = ofFullBatches(plan, all)
    return { samples: every === 1 ? all : ofFull, full: ofFull }
  }, [plan])
  // The history is read when the plan changes, not with every event of a run that trains meanwhile.
  const estimate = useMemo(
    () => estimateTime(config, plan, info.shape, Object.values(useStore.getState().runs)),
    [config, plan, info],
  )
  const cycled = samples.momentum.some((value) => value !== samples.momentum[0])
  const kinds: readonly PlanKind[] = cycled
    ? ['learningRate', 'momentum', 'batchSize', 'noiseScale']
    : ['learningRate', 'batchSize', 'noiseScale']
  const warnings = plan.warnings.map(({ path, message }) => `${labelOf(path, config)}: ${message}`)
  const ghosts =
    plan.ghostSizes.length === 1
      ? undefined
      : {
          label: 'Ghost batches',
          value: sizesInWords(plan.ghostSizes),
          note: `of a full batch of ${formatCount(config.batchSize)}`,
          hint: 'The pieces of a batch that batch norm sees one by one',
        }
  const revision = useMemo(() => JSON.stringify([config, info.fingerprint]), [config, info])
  return (
    <div className="scroll" data-stale={stale}>
      <Numbers
        figures={[
          {
            label: 'Updates per epoch',
            value: formatCount(plan.updatesPerEpoch),
            note: `${formatCount(info.counts.train)} images`,
            hint:
              `${info.name}: ${formatCount(info.counts.train)} train, ` +
              `${formatCount(info.counts.validation)} validation, ${formatCount(info.counts.test)} test`,
          },
          { label: 'Updates in all', value: formatCount(plan.updates), note: `${formatCount(plan.epochs)} epochs` },
          {
            label: 'Scaled rate',
            value: quantity(plan.scaledRate),
            note:
              plan.scaledRate === config.learningRate.base
                ? 'the base rate'
                : `${quantity(plan.scaledRate / config.learningRate.base)} × the base rate`,
          },
          {
            label: 'Noise scale',
            value: quantity(Math.max(...full.noiseScale)),
            note: 'at its largest',
            hint: 'ηN/(B(1−μ)) of full batches, Smith & Le 2018',
          },
          {
            label: 'Weights',
            value: compact(plan.network.parameters),
            note: `${formatCount(plan.network.parameters)}`,
          },
          {
            label: 'Estimated time',
            value: estimate === null ? 'not known yet' : `≈ ${duration(estimate.seconds)}`,
            note:
              estimate === null
                ? 'no run of this network'
                : `${estimate.sameBatch ? 'as' : 'nearest batch:'} ${runName(estimate.from)}`,
          },
        ]}
        foot={ghosts}
      />
      <div className="bar-row" style={{ borderBottom: 0, flexWrap: 'nowrap' }}>
        <SegmentedControl
          aria-label="X axis of the plan"
          data={axes}
          value={axis}
          onChange={(value) => setAxis(value as PlanAxis)}
        />
        <Toggle label="log y" hint="Logarithmic y axes" on={logY} change={setLogY} />
        {plan.warnings.length > 0 && (
          <span className="cut" style={{ color: 'var(--warn)', flex: 1 }} title={warnings.join('\n')}>
            {warnings.join('; ')}
          </span>
        )}
      </div>
      {kinds.map((kind) => (
        <ChartView
          key={kind}
          name={planChartName(kind)}
          height={kind === 'learningRate' ? 180 : 118}
          revision={`${revision} ${axis} ${logY}`}
          draw={({ theme: ink }) =>
            drawPlan(plan, samples, {
              kind,
              axis,
              theme: ink,
              logY: logY && kind !== 'batchSize',
              colour: ink.scheme === 'light' ? '#4d5dcd' : '#919de3',
            })
          }
          csv={() => {
            const all = samplePlan(plan, 1)
            return csvOfColumns({ update: all.update, [axis]: planColumn(plan, all.update, axis), [kind]: all[kind] })
          }}
        />
      ))}
      <NetworkTable network={plan.network} />
      <DataPreview config={config} info={info} />
    </div>
  )
}
