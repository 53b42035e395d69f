import { Button, NumberInput, Popover, Radio } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { ScheduleChoice } from '../../core/extension'
import type { DatasetInfo } from '../../core/datasetInfo'
import { choiceText, type Extended, extensionsOf } from '../../core/plan/extension'
import { planRun } from '../../core/plan/plan'
import { plannedEpochs } from '../../core/plan/phases'
import type { Run } from '../../core/run'
import { requestExtension } from '../commands'

const label = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * Asks how long a run is to be trained, and, where its schedule would make the rate jump, what becomes of the schedule.
 */
export function Extend({ run }: { readonly run: Run }) {
  const [opened, setOpened] = useState(false)
  const [epochs, setEpochs] = useState(run.config.epochs + 10)
  const [choice, setChoice] = useState<ScheduleChoice | null>(null)
  const valid = Number.isInteger(epochs) && epochs > run.config.epochs && epochs <= 100_000
  const planned = plannedEpochs({
    config: { ...run.config, epochs: valid ? epochs : run.config.epochs },
    facts: run.facts,
  })
  const offered = useMemo(
    () => (opened && valid && run.facts !== null ? extensionsOf(run, run.facts, epochs) : null),
    [opened, valid, run, epochs],
  )
  const jumps = offered?.jump !== undefined
  const chosen = offered?.offers.find(({ plan }) => plan.schedule === choice)
  const ready = valid && (!jumps || chosen !== undefined)
  const extend = (): void => {
    if (!ready) return
    setOpened(false)
    requestExtension(run.id, epochs, jumps ? choice : null)
  }
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target>
        <Button
          variant="default"
          onClick={() => {
            setEpochs(run.config.epochs + 10)
            setChoice(null)
            setOpened(!opened)
          }}
        >
          Extend…
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm" maw={340}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            extend()
          }}
          style={{ display: 'grid', gap: 8 }}
        >
          <NumberInput
            label="Train until epoch"
            size="xs"
            min={run.config.epochs + 1}
            max={100_000}
            value={epochs}
            onChange={(value) => setEpochs(Number(value))}
            error={valid ? undefined : `Must be a whole number above ${run.config.epochs}.`}
          />
          <span className="quiet tiny">
            Goes on exactly where it ended.
            {valid && planned !== epochs ? ` Regime adaptation makes them ${planned}.` : ''}
          </span>
          {jumps && offered !== null && (
            <>
              <Radio.Group
                label="The schedule ends with the run. What becomes of the rate?"
                size="xs"
                value={choice}
                onChange={(value) => setChoice(value as ScheduleChoice)}
              >
                <div style={{ display: 'grid', gap: 6, marginTop: 6 }}>
                  {offered.offers.map((offer) => (
                    <Radio
                      key={offer.plan.schedule}
                      size="xs"
                      value={offer.plan.schedule}
                      label={label(choiceText(offer))}
                    />
                  ))}
                </div>
              </Radio.Group>
              <RateSketch run={run} info={run.facts} offers={offered.offers} chosen={chosen} />
            </>
          )}
          <Button type="submit" disabled={!ready}>
            Extend and train on
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

const [width, height] = [300, 56]
const samples = 150

/** The rates that a run was trained with: up to each extension those of the plan before it. */
function ratesOf({ config, extensions = [] }: Run, info: DatasetInfo): (update: number) => number {
  const earlier = extensions.flatMap(({ update, from, planned }) =>
    from === null || planned === null
      ? []
      : [
          {
            until: update,
            rate: planRun(
              { ...config, epochs: from, learningRate: { ...config.learningRate, schedule: planned } },
              info,
            ).learningRate,
          },
        ],
  )
  const latest = planRun(config, info).learningRate
  return (update) => (earlier.find(({ until }) => update < until)?.rate ?? latest)(update)
}

/**
 * The rates that a run had, and after the line those that it would have: of the choice that is made, and faintly of the
 * others.
 */
function RateSketch({
  run,
  info,
  offers,
  chosen,
}: {
  readonly run: Run
  readonly info: DatasetInfo | null
  readonly offers: readonly Extended[]
  readonly chosen: Extended | undefined
}) {
  const before = useMemo(() => (info === null ? null : ratesOf(run, info)), [run, info])
  if (before === null) return null
  const { update } = run.moment
  const last = Math.max(1, ...offers.map(({ planned }) => planned.updates - 1))
  const along = (from: number, to: number): readonly number[] =>
    Array.from({ length: samples }, (_, index) => Math.round(from + (index * (to - from)) / (samples - 1)))
  const past = along(0, Math.max(0, update - 1)).map((at) => [at, before(at)] as const)
  const end = past.at(-1)
  const futures = offers.map((offer) => ({
    offer,
    points: [
      ...(end === undefined ? [] : [end]),
      ...along(update, last).map((at) => [at, offer.planned.learningRate(at)] as const),
    ],
  }))
  const highest =
    Math.max(...[past, ...futures.map(({ points }) => points)].flatMap((points) => points.map(([, rate]) => rate))) || 1
  const path = (points: readonly (readonly [number, number])[]): string =>
    points
      .map(
        ([at, rate], index) =>
          `${index === 0 ? 'M' : 'L'}${((at / last) * width).toFixed(1)} ` +
          `${(height - 2 - (rate / highest) * (height - 4)).toFixed(1)}`,
      )
      .join('')
  const now = Math.min(width, (update / last) * width)
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width="100%"
      role="img"
      aria-label={`The rate over ${last + 1} updates, of which ${update} are done`}
    >
      <path d={`M${now} 0V${height}`} stroke="currentColor" strokeOpacity={0.5} strokeDasharray="3 3" />
      <path d={path(past)} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />
      {futures.map(({ offer, points }) => (
        <path
          key={offer.plan.schedule}
          d={path(points)}
          fill="none"
          stroke={offer === chosen ? 'var(--accent)' : 'currentColor'}
          strokeOpacity={offer === chosen ? 1 : 0.3}
          strokeWidth={offer === chosen ? 2 : 1}
          strokeLinejoin="round"
        />
      ))}
    </svg>
  )
}
