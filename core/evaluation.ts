import { formatCount } from './numbers'
import type { DataConfig } from './config/data'
import type { Score } from './score'
import type { DataSplit } from './datasetInfo'
import type { Moment } from './moment'

/**
 * Which images of a split a checkpoint's weights were trained on, by their places in it; the same pixels count as the
 * same image.
 */
export type TrainedOn =
  | { readonly isKnown: true; readonly images: readonly number[] }
  /** A sentence's end: why it cannot be known. */
  | { readonly isKnown: false; readonly reason: string }

/**
 * The data that a checkpoint was measured on, and what they are to it: those of its run, those that were in the same
 * place then, or others.
 */
export interface MeasuredData {
  readonly name: string
  readonly fingerprint: string
  /** The fingerprint of the data that its run was set up with. */
  readonly ownFingerprint: string
  readonly relation: 'own' | 'changed' | 'other'
}

/**
 * What a network is fed with, and how that is known: from the checkpoint, from the run's record, or computed anew from
 * the run's data.
 */
export interface OwnInput {
  readonly mean: readonly number[]
  readonly std: readonly number[]
  readonly normalisation: DataConfig['normalisation']
  readonly from: 'checkpoint' | 'record' | 'data' | 'changedData'
}

/** How one checkpoint did on one split, image by image. */
export interface Evaluation {
  readonly moment: Moment
  readonly split: DataSplit
  readonly score: Score
  /** In the order of the data; the network's own order may be another. */
  readonly classes: readonly string[]
  /** Rows: true class; columns: predicted class. */
  readonly confusion: readonly (readonly number[])[]
  /** The places in the split of the images that were measured: all, or those that are left. */
  readonly images: readonly number[]
  /** True and predicted class of each of them. */
  readonly labels: readonly number[]
  readonly predictions: readonly number[]
  readonly data: MeasuredData
  readonly input: OwnInput
  /** Of the whole split, those that were left out included. */
  readonly trainedOn: TrainedOn
}

/** An evaluation, and what its checkpoint is called in a sentence. */
export interface NamedEvaluation {
  readonly name: string
  readonly evaluation: Evaluation
}

const imagesOf = (count: number, split: DataSplit): string =>
  `${formatCount(count)} ${split === 'train' ? 'training' : split} image${count === 1 ? '' : 's'}`
const short = (fingerprint: string): string => fingerprint.slice(0, 12)
const began = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** That the data are not those that the run was set up with; empty where they are, or others were asked for. */
export function changedData(name: string, { relation, ownFingerprint, fingerprint, name: data }: MeasuredData): string {
  return relation !== 'changed'
    ? ''
    : `The images of “${data}” are not those that the run of ${name} was set up with (fingerprint ` +
        `${short(ownFingerprint)} then, ${short(fingerprint)} now): its figures on them are not those of its run`
}

/** That what a network is fed with was not on record; empty where it was. */
export const guessedInput = (name: string, { from }: OwnInput): string =>
  from === 'checkpoint' || from === 'record'
    ? ''
    : `${began(name)} is older than the record of what its network was fed with: mean and deviation were ` +
      'computed again from the data of its ' +
      `run${from === 'data' ? '' : ', which have changed since, so its figures may be wrong'}`

/** Whether a checkpoint's weights have seen the images of a split that is not for training. */
function seenImages({ name, evaluation: { split, trainedOn, images } }: NamedEvaluation): string {
  if (!trainedOn.isKnown)
    return split === 'train'
      ? ''
      : `Whether ${name} was trained on any of the ${split} images cannot be known: ${trainedOn.reason}`
  const measured = new Set(images)
  const seen = trainedOn.images.filter((image) => measured.has(image)).length
  return split === 'train' || seen === 0
    ? ''
    : `${began(name)} was trained on ${formatCount(seen)} of the ${imagesOf(images.length, split)}`
}

/** Everything that somebody who reads these figures must know, as sentences without a full stop. */
export function warningsAbout(evaluations: readonly NamedEvaluation[]): readonly string[] {
  const sentences = evaluations.flatMap((one) => [
    changedData(one.name, one.evaluation.data),
    guessedInput(one.name, one.evaluation.input),
    seenImages(one),
  ])
  return [...new Set(sentences)].filter((sentence) => sentence !== '')
}

/** Why a test on these images does not tell which of two is better on unseen ones; empty when it does. */
export function seenByOne(a: NamedEvaluation, b: NamedEvaluation): string {
  const [one, other] = [a.evaluation.trainedOn, b.evaluation.trainedOn]
  const { split, images } = a.evaluation
  if (!one.isKnown || !other.isKnown)
    return (
      `It is not known whether ${one.isKnown ? b.name : a.name} was trained on some of these images, so it may ` +
      'have an advantage on them'
    )
  const measured = new Set(images)
  const [seenA, seenB] = [one.images, other.images].map((seen) => new Set(seen.filter((image) => measured.has(image))))
  if (seenA === undefined || seenB === undefined) return ''
  const only = (these: ReadonlySet<number>, those: ReadonlySet<number>): number =>
    [...these].filter((image) => !those.has(image)).length
  const [onlyA, onlyB] = [only(seenA, seenB), only(seenB, seenA)]
  const parts = [
    ...(onlyA > 0 ? [`${formatCount(onlyA)} by ${a.name} alone`] : []),
    ...(onlyB > 0 ? [`${formatCount(onlyB)} by ${b.name} alone`] : []),
  ]
  return parts.length === 0
    ? ''
    : `Of the ${imagesOf(images.length, split)} some were trained on, ${parts.join(' and ')}: p compares what ` +
        'was learned by heart too, and says nothing about unseen images'
}

/** How many images of the split were left out because one of the checkpoints was trained on them. */
export function leftOut(evaluations: readonly Evaluation[]): number {
  const measured = new Set(evaluations[0]?.images)
  return new Set(
    evaluations
      .flatMap(({ trainedOn }) => (trainedOn.isKnown ? trainedOn.images : []))
      .filter((image) => !measured.has(image)),
  ).size
}
