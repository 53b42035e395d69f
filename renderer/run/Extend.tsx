import { Button, NumberInput, Popover, Radio } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { ScheduleChoice } from '../../core/extension'
import { choiceText, type Extended, extensionsOf } from '../../core/plan/extension'
import { plannedEpochs } from '../../core/plan/phases'
import type { Run } from '../../core/run'
import { extendRun } from '../commands'

const label = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Asks how long a run is to be trained, and, where its schedule would make the rate jump, what becomes of the schedule. */
export function Extend({ run }: { readonly run: Run }) {
  const [opened, setOpened] = useState(false)
  const [epochs, setEpochs] = useState(run.config.epochs + 10)
  const [choice, setChoice] = useState<ScheduleChoice | null>(null)
  const valid = Number.isInteger(epochs) && epochs > run.config.epochs && epochs <= 100_000
  const planned = plannedEpochs({ config: { ...run.config, epochs: valid ? epochs : run.config.epochs }, facts: run.facts })
  const offered = useMemo(() => (opened && valid && run.facts !== null ? extensionsOf(run, run.facts, epochs) : null), [opened, valid, run, epochs])
  const jumps = offered?.jump !== undefined
  const chosen = offered?.offers.find(({ plan }) => plan.schedule === choice)
  const ready = valid && (!jumps || chosen !== undefined)
  const extend = (): void => {
    if (!ready) return
    setOpened(false)
    extendRun(run.id, epochs, jumps ? choice : null)
  }
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target><Button variant="default" onClick={() => { setEpochs(run.config.epochs + 10); setChoice(null); setOpened(!opened) }}>Extend…</Button></Popover.Target>
      <Popover.Dropdown p="sm" maw={340}>
        <form onSubmit={(event) => { event.preventDefault(); extend() }} style={{ display: 'grid', gap: 8 }}>
          <NumberInput label="Train until epoch" size="xs" min={run.config.epochs + 1} max={100_000} value={epochs} onChange={(value) => setEpochs(Number(value))} error={valid ? undefined : `Must be a whole number above ${run.config.epochs}.`} />
          <span className="quiet tiny">Goes on exactly where it ended.{valid && planned !== epochs ? ` Regime adaptation makes them ${planned}.` : ''}</span>
          {jumps && offered !== null && (
            <>
              <Radio.Group label="The schedule ends with the run. What becomes of the rate?" size="xs" value={choice} onChange={(value) => setChoice(value as ScheduleChoice)}>
                <div style={{ display: 'grid', gap: 6, marginTop: 6 }}>
                  {offered.offers.map((offer) => <Radio key={offer.plan.schedule} size="xs" value={offer.plan.schedule} label={label(choiceText(offer))} />)}
                </div>
              </Radio.Group>
              <RateSketch offered={chosen ?? offered.offers[0]} update={run.moment.update} />
            </>
          )}
          <Button type="submit" disabled={!ready}>Extend and train on</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

const [width, height] = [300, 56]
const samples = 150

/** The planned rates of an extended run, small; what is behind the line is still to come. */
function RateSketch({ offered, update }: { readonly offered: Extended | undefined; readonly update: number }) {
  if (offered === undefined) return null
  const { planned } = offered
  const last = Math.max(1, planned.updates - 1)
  const points = Array.from({ length: samples }, (_, index) => Math.round((index * last) / (samples - 1)))
  const rates = points.map(planned.learningRate)
  const highest = Math.max(...rates)
  const path = points.map((at, index) => `${index === 0 ? 'M' : 'L'}${((at / last) * width).toFixed(1)} ${(height - 2 - ((rates[index] ?? 0) / (highest || 1)) * (height - 4)).toFixed(1)}`).join('')
  const now = Math.min(width, (update / last) * width)
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" role="img" aria-label={`The rate over ${planned.updates} updates, of which ${update} are done`}>
      <path d={`M${now} 0V${height}`} stroke="currentColor" strokeOpacity={0.5} strokeDasharray="3 3" />
      <path d={path} fill="none" stroke="var(--accent)" strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  )
}
