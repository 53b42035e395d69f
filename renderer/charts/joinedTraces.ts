import type { LineTrace } from './plotly'

/**
 * Lines of one colour as one, with gaps between them: the faint ones only set a background, and plotly takes as long
 * for each trace as for hundreds of points.
 */
export function joinTraces(lines: readonly LineTrace[]): readonly LineTrace[] {
  const colours = [...new Set(lines.map(({ line }) => line?.color))]
  return colours.flatMap((colour) => {
    const alike = lines.filter(({ line }) => line?.color === colour)
    const [first] = alike
    if (first === undefined || alike.length === 1) return alike
    const all: { x: number[]; y: (number | null)[] } = { x: [], y: [] }
    for (const { x, y } of alike) {
      for (let index = 0; index < x.length; index++) {
        all.x.push(x[index] ?? 0)
        all.y.push(y[index] ?? null)
      }
      all.x.push(x.at(-1) ?? 0)
      all.y.push(null)
    }
    const { hovertemplate } = first
    // The faintest lines answer no pointer, and need no names.
    if (hovertemplate === undefined) return { ...first, ...all }
    const text = alike.flatMap(({ x, name }) => Array.from({ length: x.length + 1 }, () => name))
    return { ...first, ...all, text, hovertemplate: eachNamed(first.name, hovertemplate) }
  })
}

// A template begins with the name of its run; that of several takes each point's own.
const eachNamed = (name: string, template: string): string => `%{text}${template.slice(name.length)}`

/** Marks of several runs as one trace, each in its run's colour and with its run's name. */
export function joinMarks(traces: readonly LineTrace[]): readonly LineTrace[] {
  const [first] = traces
  if (first?.marker === undefined || first.hovertemplate === undefined || traces.length === 1) return traces
  return [
    {
      ...first,
      x: traces.flatMap(({ x }) => x),
      y: traces.flatMap(({ y }) => y),
      text: traces.flatMap(({ x, name }) => x.map(() => name)),
      hovertemplate: eachNamed(first.name, first.hovertemplate),
      marker: { ...first.marker, color: traces.flatMap(({ x, marker }) => x.map(() => marker?.color ?? '').flat()) },
    },
  ]
}
