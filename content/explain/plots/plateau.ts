import { noPlateau, plateauConfig, watchPlateau } from '../../../core/schedules/plateau'
import { randomFor } from '../../../core/random'
import { about, countingFrom0, number, plotOf, whole } from '../plot'

const epochs = countingFrom0(100).map((epoch) => epoch + 1)

export const plateauPlot = plotOf({
  name: 'Loss and rate',
  sees:
    'Each fall comes when the loss has stood still for longer than the patience, and lets it fall once more. ' +
    'With little patience the unrest of the loss is taken for a plateau, and the rate is gone before it has done ' +
    'its work.',
  at: [1, 25, 50, 75, 100],
  knobs: {
    factor: number('Factor', 0.3, { minimum: 0.05, maximum: 0.95, step: 0.05 }),
    patience: whole('Patience', 5, { minimum: 0, maximum: 30, unit: 'epochs' }),
    cooldown: whole('Cooldown', 0, { minimum: 0, maximum: 20, unit: 'epochs' }),
  },
  figure: ({ factor, patience, cooldown }) => {
    const config = plateauConfig.parse({ type: 'plateau', factor, patience, cooldown })
    const random = randomFor(5, 'probe')
    let state = noPlateau
    // A made-up loss: what is still to learn shrinks with the rate, and the noise of the updates follows it.
    let [left, noise, falls] = [1, 1, 0]
    const rows = epochs.map(() => {
      const used = state.factor
      left *= 1 - 0.07 * used
      noise += 0.5 * (used - noise)
      const measured = (0.1 + 0.6 * left + 0.3 * noise) * (1 + 0.03 * random.normal())
      state = watchPlateau(config, 0.1, state, measured)
      if (state.factor < used) falls++
      return { used, measured }
    })
    return {
      xAxis: { title: 'epochs' },
      yAxis: { title: 'loss, rate over its start', range: [0, 1.05] },
      x: epochs,
      curves: [
        { name: 'rate', y: rows.map(({ used }) => used), role: 'main', shape: 'steps' },
        { name: 'validation loss', y: rows.map(({ measured }) => measured), role: 'beside' },
      ],
      note:
        `${falls === 1 ? 'One fall' : `${falls} falls`} in ${epochs.length} epochs; the loss ends at ` +
        `${about(rows.at(-1)?.measured ?? NaN)}. The loss is made up.`,
    }
  },
})
