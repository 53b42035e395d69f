import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { confusionMatrix, evaluateBatches } from '../../main/trainer/learner/evaluate'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { configOf, info, stripes } from './setups'
import { testedEngines } from './tensorflow'

describe('evaluateBatches', () => {
  it('weighs every image the same, a partial batch included', () => {
    const rows = [Float32Array.from([1, 2, 3, 0, 1, 2]), Float32Array.from([10, 1])]
    const batches = [
      { images: new Float32Array(), labels: Int32Array.from([0, 2, 2]), count: 3 },
      { images: new Float32Array(), labels: Int32Array.from([1, 9, 9]), count: 1 },
    ]
    let call = 0
    expect(evaluateBatches(() => rows[call++]!, batches, 4)).toEqual({
      loss: 4,
      correct: 3,
      predictions: Uint16Array.from([0, 1, 2, 1]),
    })
  })

  it('keeps a loss that is no number', () => {
    const batch = { images: new Float32Array(), labels: Int32Array.from([0, 1]), count: 2 }
    expect(evaluateBatches(() => Float32Array.from([NaN, 1, 0, 1]), [batch], 2).loss).toBeNaN()
  })
})

describe('confusionMatrix', () => {
  it('counts true classes in rows and predictions in columns', () => {
    expect(confusionMatrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0], 3)).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 2],
    ])
  })

  it('refuses classes that do not exist', () => {
    expect(() => confusionMatrix([0, 3], [0, 0], 3)).toThrow(
      'Image 1 has class 3 and was taken for 0, but there are 3 classes',
    )
  })
})

describe.each(testedEngines)('evaluation on %s', (engineName) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
  })

  it('gives each image the same loss and class whatever batch it comes in', () => {
    const learner = createLearner(engine, configOf({ network: { type: 'mlp', hidden: [8], batchNorm: true } }), info)
    // More than one evaluation batch, and a rest.
    const many = stripes(600, 3)
    const whole = learner.evaluate(many)
    expect(whole.predictions).toHaveLength(600)
    const part = (from: number, to: number) =>
      learner.evaluate({ images: many.images.subarray(from * 36, to * 36), labels: many.labels.subarray(from, to) })
    const pieces = [part(0, 1), part(1, 90), part(90, 600)]
    expect(pieces.flatMap(({ predictions }) => [...predictions])).toEqual([...whole.predictions])
    expect(pieces.reduce((sum, { correct }) => sum + correct, 0)).toBe(whole.correct)
    expect((pieces[0]!.loss + 89 * pieces[1]!.loss + 510 * pieces[2]!.loss) / 600).toBeCloseTo(whole.loss, 5)
    expect(confusionMatrix(many.labels, whole.predictions, 3).reduce((sum, row, i) => sum + row[i]!, 0)).toBe(
      whole.correct,
    )
    learner.dispose()
  })

  it('uses the running statistics and drops nothing', () => {
    const learner = createLearner(
      engine,
      configOf({ network: { type: 'mlp', hidden: [8], batchNorm: true }, networkOptions: { dropout: 0.5 } }),
      info,
    )
    const images = stripes(30, 4)
    const before = learner.evaluate(images)
    expect(learner.evaluate(images)).toEqual(before)
    learner.write(new Map([['bn1.running_mean', { shape: [8], data: new Float32Array(8).fill(3) }]]))
    expect(learner.evaluate(images).loss).not.toBeCloseTo(before.loss, 3)
    learner.dispose()
  })

  it('refuses tensors that it does not have or that do not fit', () => {
    const learner = createLearner(engine, configOf({ network: { type: 'lenet' } }), info)
    expect(() => {
      learner.write(new Map([['fc9.weight', { shape: [1], data: new Float32Array(1) }]]))
    }).toThrow('The network has no tensor fc9.weight')
    expect(() => {
      learner.write(new Map([['fc3.bias', { shape: [4], data: new Float32Array(4) }]]))
    }).toThrow('Tensor fc3.bias has shape [4], the network needs [3]')
    learner.dispose()
  })
})
