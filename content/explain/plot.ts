import type { Field } from '../../core/fields'
import { typedNumber } from '../../core/typed'
import { shownNumber, type Table } from './table'

/** An axis of a plot. */
export interface PlotAxis {
  /** What is measured, with its unit. */
  readonly title: string
  readonly log?: boolean
  /** Where it begins and ends; without it, at the data. */
  readonly range?: readonly [number, number]
  /** The values that are written at it, where the plot's own choice says less: powers of two for batch sizes. */
  readonly ticks?: readonly number[]
}

/** A line over a figure's x; null where it has no value. */
export interface PlotCurve {
  readonly name: string
  readonly y: readonly (number | null)[]
  /** What the page is about has the accent; what it is compared with stands back. */
  readonly role: 'main' | 'beside'
  /** A line between values, each value held until the next, or values by themselves. */
  readonly shape?: 'line' | 'steps' | 'points'
}

/** A point with a few words. */
interface Mark {
  readonly x: number
  readonly y: number
  readonly text: string
}

/** What a plot shows for some values of its knobs: lines over one x, so that they also make a table. */
export interface PlotFigure {
  readonly xAxis: PlotAxis
  readonly yAxis: PlotAxis
  readonly x: readonly number[]
  readonly curves: readonly PlotCurve[]
  readonly marks?: readonly Mark[]
  /** What the values come to, in a sentence. */
  readonly note: string
}

/** A value that can be turned, and how it is read back; `read` throws a sentence for what it is not. */
export interface Knob<T> {
  readonly field: Omit<Field, 'path'>
  readonly read: (value: unknown) => T
}

/**
 * A plot of a page that can be played with: every line of it is computed by the functions that train, or by scalar
 * twins of their tensor code.
 */
export interface Plot {
  /** What it is called, in the window and as a file. */
  readonly name: string
  /** What there is to see. */
  readonly sees: string
  readonly knobs: readonly Field[]
  /** The x whose values stand in the documentation's table; the plot has them among its own. */
  readonly at: readonly number[]
  /**
   * The figure for values by knob; throws a sentence where one is not what its knob takes, or where they make no figure
   * together.
   */
  readonly figure: (values: unknown) => PlotFigure
}

interface Limits {
  readonly minimum: number
  readonly maximum: number
  readonly step?: number
  readonly log?: boolean
  readonly unit?: string
  readonly help?: string
}

const blank = {
  label: '',
  help: '',
  unit: '',
  paper: '',
  minimum: null,
  maximum: null,
  step: null,
  log: false,
  wholeEntries: false,
  nullable: false,
  initial: null,
  options: [],
  fields: [],
} as const

const found = (value: unknown): string => (typeof value === 'string' ? `“${value}”` : JSON.stringify(value))

function within(label: string, value: unknown, { minimum, maximum }: Limits, whole: boolean): number {
  const typed =
    typeof value === 'string' ? typedNumber(value, { kind: whole ? 'integer' : 'number', isShare: maximum <= 1 }) : null
  if (typed?.ok === false && typed.isUnclear) throw new Error(`${label} ${typed.problem}`)
  if (
    typeof value !== 'number' ||
    !Number.isFinite(value) ||
    value < minimum ||
    value > maximum ||
    (whole && !Number.isInteger(value))
  ) {
    throw new Error(
      `${label} must be a ${whole ? 'whole ' : ''}number between ${minimum} and ${maximum}, found ${found(value)}`,
    )
  }
  return value
}

/** A number within limits. */
export const number = (label: string, initial: number, limits: Limits): Knob<number> => ({
  field: { ...blank, ...limits, kind: 'number', label, initial },
  read: (value) => within(label, value, limits, false),
})

/** A whole number within limits. */
export const whole = (label: string, initial: number, limits: Limits): Knob<number> => ({
  field: { ...blank, ...limits, kind: 'integer', label, initial },
  read: (value) => within(label, value, limits, true),
})

/** One of several. */
export const choice = <V extends string>(
  label: string,
  initial: NoInfer<V>,
  options: Readonly<Record<V, string>>,
): Knob<V> => ({
  field: {
    ...blank,
    kind: 'choice',
    label,
    initial,
    options: Object.entries<string>(options).map(([value, name]) => ({ value, label: name, help: '', fields: [] })),
  },
  read: (value) => {
    if (typeof value !== 'string' || !Object.hasOwn(options, value))
      throw new Error(`${label} must be one of ${Object.keys(options).join(', ')}, found ${found(value)}`)
    return value as V
  },
})

/** A list of numbers within limits, as many as `counts` allows. */
export const listKnob = (
  label: string,
  initial: readonly number[],
  limits: Limits & { readonly counts: readonly [number, number] },
): Knob<readonly number[]> => ({
  field: { ...blank, kind: 'list', label, initial, help: limits.help ?? '', unit: limits.unit ?? '' },
  read: (value) => {
    const [fewest, most] = limits.counts
    if (!Array.isArray(value) || value.length < fewest || value.length > most)
      throw new Error(
        `${label} must be ${fewest} to ${most} numbers with commas between them, found ` +
          `${Array.isArray(value) ? value.length : found(value)}`,
      )
    return value.map((one: unknown) => within(`Every number of ${label.toLowerCase()}`, one, limits, false))
  },
})

type Knobs = Readonly<Record<string, Knob<unknown>>>
type Values<K extends Knobs> = { readonly [Name in keyof K]: K[Name] extends Knob<infer T> ? T : never }

/** A plot from its knobs by name and its figure as a function of their values. */
export function plotOf<K extends Knobs>({
  name,
  sees,
  at,
  knobs,
  figure,
}: {
  readonly name: string
  readonly sees: string
  readonly at: readonly number[]
  readonly knobs: K
  readonly figure: (values: Values<K>) => PlotFigure
}): Plot {
  return {
    name,
    sees,
    at,
    knobs: Object.entries(knobs).map(([path, { field }]) => ({ ...field, path })),
    figure: (values) => {
      const given = values as Readonly<Record<string, unknown>>
      return figure(
        Object.fromEntries(Object.entries(knobs).map(([key, { read }]) => [key, read(given[key])])) as Values<K>,
      )
    },
  }
}

/** The values that a plot's knobs have at first. */
export const initialKnobValues = ({ knobs }: Pick<Plot, 'knobs'>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(knobs.map(({ path, initial }) => [path, initial]))

/** The curves of a plot as it opens, at the places that it names. */
export function tableOfPlot(plot: Plot): Table {
  const { x, xAxis, curves } = plot.figure(initialKnobValues(plot))
  return {
    columns: [xAxis.title, ...curves.map(({ name }) => name)],
    rows: plot.at.map((place) => {
      const index = x.findIndex((one) => Math.abs(one - place) <= 1e-9 * Math.abs(place))
      if (index < 0) throw new Error(`${plot.name} has no value at ${place}`)
      return [place, ...curves.map(({ y }) => y[index] ?? '–')].map(shownNumber)
    }),
  }
}

/** Powers of ten from 10^from to 10^to, `perDecade` of them in each decade. */
export const decades = (from: number, to: number, perDecade: number): readonly number[] =>
  Array.from({ length: (to - from) * perDecade + 1 }, (_, index) =>
    Number((10 ** (from + index / perDecade)).toPrecision(12)),
  )

/** Whole numbers from 0. */
export const countingFrom0 = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

/** Batch sizes: the powers of two, and an axis with every other one of them written. */
export const batchSizes: readonly number[] = Array.from({ length: 12 }, (_, index) => 2 ** (index + 2))
export const batchAxis: PlotAxis = {
  title: 'batch size (images)',
  log: true,
  ticks: batchSizes.filter((_, index) => index % 2 === 1),
}

/** A number in a sentence: whole ones as they are, others with three significant digits. */
export const about = (value: number): string => {
  const size = Math.abs(value)
  const text =
    Number.isInteger(value) && size < 1e9
      ? value.toLocaleString('en-US')
      : size >= 1e-3 && size < 1e9
        ? value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
        : value
            .toExponential(2)
            .replace(/\.?0+e/, 'e')
            .replace('e+', 'e')
  return text.replace(/^-/, '−')
}
