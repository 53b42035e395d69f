import type { CaseResult, Ratios, Standing } from './results'

/** A column of the table for people: what stands above it, and its text in a row. */
interface Column {
  readonly title: string
  readonly text: (result: CaseResult) => string
}

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 })
const missing = '–'

/** A ratio with two decimals, marked where it is below 1. */
const ratioText = (ratio: number | null): string =>
  ratio === null ? missing : `${ratio.toFixed(2)}${ratio < 1 ? ' *' : '  '}`

// Only TensorFlow has two ways of doing updates here.
const shortName = (name: string): string =>
  name.startsWith('tensorflow ') ? name.slice('tensorflow '.length) : name.replace(/ eager$/, '')

const speedColumn = (name: string): Column => ({
  title: shortName(name),
  text: ({ standings }) => {
    const standing: Standing | undefined = standings.find((one) => one.name === name)
    return standing === undefined ? missing : whole(standing.imagesPerSecond)
  },
})
const ratioColumn = (title: string, of: keyof Ratios): Column => ({
  title,
  text: ({ ratios }) => ratioText(ratios[of]),
})

/** The columns for these contestants: a speed each, and the ratios of those who are both there. */
function columnsFor(names: readonly string[]): readonly Column[] {
  const has = (name: string): boolean => names.includes(name)
  return [
    { title: 'network', text: ({ network }) => network },
    { title: 'batch', text: ({ batchSize }) => String(batchSize) },
    ...names.map(speedColumn),
    ...(has('tensorflow captured') && has('tensorflow eager')
      ? [ratioColumn('captured/eager', 'capturedToEager')]
      : []),
    ...(has('tensorflow captured') && has('pytorch') ? [ratioColumn('captured/pytorch', 'capturedToPytorch')] : []),
    ...(has('tensorflow captured') && has('tensorflow bfloat16')
      ? [ratioColumn('bfloat16/captured', 'bfloat16ToCaptured')]
      : []),
  ]
}

/**
 * A table whose lines can be printed as cases finish: its columns are as wide as their titles, or as a speed or a
 * network may become.
 */
export function liveTable(names: readonly string[]): {
  readonly head: string
  readonly line: (result: CaseResult) => string
} {
  const columns = columnsFor(names)
  const widths = columns.map(({ title }) => Math.max(title.length, 8))
  const joined = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return {
    head: joined(columns.map(({ title }) => title)),
    line: (result) => joined(columns.map(({ text }) => text(result))),
  }
}

/** Sentences under the table: what the mark means, who fell short of whom, and who could not take part. */
export function footnotes(results: readonly CaseResult[]): readonly string[] {
  const below = (of: keyof Ratios): number => results.filter(({ ratios }) => (ratios[of] ?? 1) < 1).length
  const [eager, pytorch, bfloat16] = [below('capturedToEager'), below('capturedToPytorch'), below('bfloat16ToCaptured')]
  const many = (count: number): string => `${count} of ${results.length} case${results.length === 1 ? '' : 's'}`
  return [
    ...(eager > 0 ? [`* The captured step is slower than the eager one in ${many(eager)}.`] : []),
    ...(pytorch > 0 ? [`* The captured step is slower than PyTorch in ${many(pytorch)}.`] : []),
    ...(bfloat16 > 0 ? [`* bfloat16 is slower than float32 in ${many(bfloat16)}.`] : []),
    ...results.flatMap(({ network, batchSize, failures }) =>
      failures.map(({ name, reason }) => `${network} at batch ${batchSize}: ${name} could not be measured: ${reason}`),
    ),
  ]
}
