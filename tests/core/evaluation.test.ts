import { describe, expect, it } from 'vitest'
import { classesDiffer, classPlaces } from '../../core/classes'
import { leftOut, seenByOne, warningsAbout, type Evaluation } from '../../core/evaluation'

const evaluation = (more: Partial<Evaluation> = {}): Evaluation => ({
  moment: { update: 1, epoch: 1, position: 0, examples: 1, seconds: 1 },
  split: 'test',
  score: { loss: 1, accuracy: 0.5, images: 4 },
  classes: ['a', 'b'],
  confusion: [],
  images: [0, 1, 2, 3],
  labels: [0, 0, 1, 1],
  predictions: [0, 1, 1, 1],
  data: { name: 'x', fingerprint: 'f'.repeat(64), ownFingerprint: 'f'.repeat(64), relation: 'own' },
  input: { normalisation: 'none', mean: [0], std: [1], from: 'checkpoint' },
  trainedOn: { isKnown: true, images: [] },
  ...more,
})
const trainedOn = (images: readonly number[], more: Partial<Evaluation> = {}): Evaluation =>
  evaluation({ trainedOn: { isKnown: true, images }, ...more })
const pair = (a: Evaluation, b: Evaluation) =>
  [
    { name: 'A', evaluation: a },
    { name: 'B', evaluation: b },
  ] as const

describe('classes', () => {
  it('are found by their names, in whatever order', () => {
    expect(classPlaces(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([0, 1, 2])
    expect(classPlaces(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual([1, 2, 0])
    expect(classPlaces(['a', 'b'], ['a', 'B'])).toBeNull()
    expect(classPlaces(['a', 'b'], ['a', 'b', 'c'])).toBeNull()
  })

  it('that are named twice are matched only by being the same list', () => {
    expect(classPlaces(['a', 'a', 'b'], ['a', 'a', 'b'])).toEqual([0, 1, 2])
    expect(classPlaces(['a', 'a', 'b'], ['b', 'a', 'a'])).toBeNull()
    expect(classPlaces(['a', 'b', 'c'], ['a', 'b', 'b'])).toBeNull()
  })

  it('that differ are told with both lists, long ones by what is in only one of them', () => {
    expect(classesDiffer('It', ['dark', 'light'], 'C', ['a_light', 'b_dark'])).toBe(
      'It knows the 2 classes “dark”, “light”; C has the 2 classes “a_light”, “b_dark”. Classes are matched by ' +
        'their names',
    )
    const many = Array.from({ length: 100 }, (_, index) => `class ${index}`)
    expect(classesDiffer('It', many, 'C', [...many.slice(0, 99), 'other'])).toBe(
      'It knows 100 classes, among them “class 99”; C has 100 classes, among them “other”. Classes are matched ' +
        'by their names',
    )
    expect(classesDiffer('It', many, 'C', ['x', 'y'])).toBe(
      'It knows 100 classes, among them “class 0”, “class 1”, “class 2”, “class 3”, “class 4” and 95 more; C ' +
        'has the 2 classes “x”, “y”. Classes are matched by their names',
    )
  })
})

describe('what a reader of an evaluation must know', () => {
  it('is nothing where it is of the run’s own unseen images', () => {
    expect(warningsAbout(pair(evaluation(), evaluation()))).toEqual([])
    expect(seenByOne(...pair(evaluation(), evaluation()))).toBe('')
  })

  it('is that the data have changed, and that images were trained on', () => {
    const changed = evaluation({
      data: { name: 'x', fingerprint: 'b'.repeat(64), ownFingerprint: 'a'.repeat(64), relation: 'changed' },
    })
    expect(warningsAbout(pair(changed, trainedOn([1, 3])))).toEqual([
      'The images of “x” are not those that the run of A was set up with (fingerprint aaaaaaaaaaaa then, ' +
        'bbbbbbbbbbbb now): its figures on them are not those of its run',
      'B was trained on 2 of the 4 test images',
    ])
  })

  it('is that p favours the one that was trained on the images, until they are left out', () => {
    expect(seenByOne(...pair(trainedOn([0]), trainedOn([0, 1])))).toBe(
      'Of the 4 test images some were trained on, 1 by B alone: p compares what was learned by heart too, and ' +
        'says nothing about unseen images',
    )
    const left = { images: [2, 3] }
    expect(seenByOne(...pair(trainedOn([0], left), trainedOn([0, 1], left)))).toBe('')
    expect(warningsAbout(pair(trainedOn([0], left), trainedOn([0, 1], left)))).toEqual([])
    expect(leftOut([trainedOn([0], left), trainedOn([0, 1], left)])).toBe(2)
  })

  it('is that nobody knows what a checkpoint was trained on', () => {
    const unknown = evaluation({ trainedOn: { isKnown: false, reason: 'its data are gone' } })
    expect(warningsAbout(pair(unknown, evaluation()))).toEqual([
      'Whether A was trained on any of the test images cannot be known: its data are gone',
    ])
    expect(seenByOne(...pair(unknown, evaluation()))).toContain(
      'It is not known whether A was trained on some of these images',
    )
  })

  it('takes training images for what they are', () => {
    const all = trainedOn([0, 1, 2, 3], { split: 'train' })
    expect(warningsAbout(pair(all, all))).toEqual([])
    expect(seenByOne(...pair(all, all))).toBe('')
    expect(seenByOne(...pair(all, trainedOn([0], { split: 'train' })))).toContain('3 by A alone')
  })
})
