import { describe, expect, it } from 'vitest'
import { epochsCsv, traceCsv } from '../../main/exports/csv'
import { madeRun } from '../support/madeRun'

/** A small reader of its own: no quotes occur, because there are only numbers. */
const parse = (csv: string): Record<string, (number | null)[]> => {
  const [names = '', ...lines] = csv.trimEnd().split('\n')
  return Object.fromEntries(
    names.split(',').map((name, column) => [
      name,
      lines.map((line) => {
        const cell = line.split(',')[column]!
        return cell === '' ? null : Number(cell)
      }),
    ]),
  )
}

describe('a trace as CSV', () => {
  it('reads back as exactly the same numbers, gaps included', () => {
    const { trace } = madeRun({}, 5)
    expect(trace.loss[1]).toBeNull()
    expect(parse(traceCsv(trace))).toEqual(trace)
  })

  it('keeps every digit of numbers that are not round', () => {
    const { trace } = madeRun()
    const odd = { ...trace, seconds: trace.seconds.map((_, index) => (0.1 + 0.2) / 3 ** index) }
    expect(parse(traceCsv(odd))['seconds']).toEqual(odd.seconds)
  })

  it('is a heading alone for a run that never trained', () => {
    const empty = traceCsv({
      update: [],
      loss: [],
      accuracy: [],
      learningRate: [],
      batchSize: [],
      gradientNorm: [],
      seconds: [],
      momentum: [],
    })
    expect(empty).toBe('update,loss,accuracy,learningRate,batchSize,gradientNorm,seconds,momentum\n')
  })
})

describe('epochs as CSV', () => {
  it('has a line per epoch with the numbers of the record', () => {
    const { run } = madeRun({}, 4)
    const columns = parse(epochsCsv(run))
    expect(columns['epoch']).toEqual([1, 2, 3, 4])
    expect(columns['validationAccuracy']).toEqual(run.epochs.map(({ validation }) => validation!.accuracy))
    expect(columns['trainLoss']).toEqual(run.epochs.map(({ train }) => train.loss))
    expect(columns['distance']).toEqual(run.epochs.map(({ distance }) => distance))
  })

  it('leaves validation empty where there was none', () => {
    const { run } = madeRun({}, 1)
    const columns = parse(epochsCsv({ ...run, epochs: run.epochs.map((epoch) => ({ ...epoch, validation: null })) }))
    expect(columns['validationLoss']).toEqual([null])
    expect(columns['learningRate']).toEqual([0.025])
  })
})
