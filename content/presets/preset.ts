import type { RunConfigInput } from '../../core/config/config'
import type { ShrinkFactors } from './shrink'

/**
 * How far a number can be trusted: read in the source itself, in its abstract, in somebody else's note that quotes it,
 * or only remembered.
 */
export type Evidence = 'read' | 'abstract' | 'third-party note' | 'recalled, not re-verified'

export interface Paper {
  readonly authors: string
  readonly year: number
  readonly title: string
  readonly url: string
}

/** A number that a source reports, to be shown beside one's own. */
export interface ReferenceNumber {
  /** What it belongs to, in the source's terms. */
  readonly label: string
  /** The config of the preset that imitates it, where there is one. */
  readonly config?: string
  readonly quantity: 'accuracy' | 'error' | 'updates' | 'secondsPerEpoch' | 'sharpness'
  /** Accuracies and errors in percent; null where the source has a gap. */
  readonly value: number | null
  /** The ± that the source gives. */
  readonly spread?: number
  /** Where the source gives no exact number. */
  readonly bound?: 'about' | 'below'
  readonly split: 'train' | 'test' | ''
  readonly evidence: Evidence
}

/** One run of a preset, at the size of its source; `shrunk` by the preset's fit it is the variant for this machine. */
export interface PresetConfig {
  readonly name: string
  readonly title: string
  readonly config: RunConfigInput
  /** What of the fit is different for this config. */
  readonly fit?: Partial<ShrinkFactors>
}

/** The experiment of a paper or of the lab notes as configs, with what its source says of it. */
export interface Preset {
  readonly id: string
  readonly title: string
  /** Null for the lab notes, which were never published. */
  readonly paper: Paper | null
  /** What was done, in our words. */
  readonly protocol: string
  /** What its source makes one expect, in our words. */
  readonly expect: string
  readonly configs: readonly PresetConfig[]
  readonly reference: readonly ReferenceNumber[]
  /** Why there are none of its numbers; only where there are none. */
  readonly withoutNumbers?: string
  /** Settings that the source does not state, and what we chose; all of them can be edited. */
  readonly ourReading: readonly string[]
  /** Settings that we remember from the source but could not read again. */
  readonly recalled: readonly string[]
  /** How the small variant is made. */
  readonly fit: ShrinkFactors
  /** What the small variant keeps and gives up, and what it costs. */
  readonly fits: string
}

const units: Readonly<Record<ReferenceNumber['quantity'], string>> = {
  accuracy: ' %',
  error: ' % error',
  updates: ' updates',
  secondsPerEpoch: ' s/epoch',
  sharpness: ' sharpness',
}
const marks: Readonly<Record<Evidence, string>> = {
  read: '',
  abstract: ' (from the abstract)',
  'third-party note': ' (from a note that quotes it)',
  'recalled, not re-verified': ' (recalled, not re-verified)',
}

/** A reference number as it is always shown: with its unit and, unless it was read in its source, with its mark. */
export function referenceText({ quantity, value, spread, bound, evidence }: ReferenceNumber): string {
  if (value === null) return `not given${marks[evidence]}`
  const shown =
    quantity === 'accuracy' || quantity === 'error'
      ? value.toFixed(2)
      : quantity === 'secondsPerEpoch'
        ? value.toFixed(2)
        : value.toLocaleString('en-US')
  const prefix = bound === 'about' ? 'about ' : bound === 'below' ? 'fewer than ' : ''
  return `${prefix}${shown}${spread === undefined ? '' : ` ± ${spread}`}${units[quantity]}${marks[evidence]}`
}
