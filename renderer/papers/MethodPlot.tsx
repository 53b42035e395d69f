import { useMemo, useState } from 'react'
import { initialKnobValues, type Plot } from '../../content/explain/plot'
import { ChartView } from '../charts/ChartView'
import { csvOfColumns } from '../charts/csv'
import { screenInk } from '../charts/chartTheme'
import { useScheme } from '../components/Dot'
import { dashArrays, drawFigure, looksOf } from './figureDrawing'
import { slideOf } from './knobs'
import { MethodTrial, tried } from './MethodTrial'

/** A plot of a method that follows its knobs. */
export function MethodPlot({ plot }: { readonly plot: Plot }) {
  const initial = useMemo(() => initialKnobValues(plot), [plot])
  const [input, setInput] = useState<unknown>(initial)
  const [last, setLast] = useState(() => plot.figure(initial))
  const now = useMemo(() => tried(() => plot.figure(input)), [plot, input])
  // A value that is half typed leaves the last figure where it is.
  if (now.made !== null && now.made !== last) setLast(now.made)
  const looks = looksOf(last.curves, screenInk(useScheme()))
  return (
    <MethodTrial
      knobs={plot.knobs}
      initial={initial}
      input={input}
      slideOf={slideOf}
      change={setInput}
      why={now.why}
      note={last.note}
    >
      <ChartView
        name={plot.name}
        height={220}
        pace={40}
        revision={JSON.stringify(input)}
        draw={({ theme: ink, legend }) =>
          drawFigure(last, { theme: ink, legend, revision: `${plot.name} ${last.xAxis.title}` })
        }
        csv={() =>
          csvOfColumns(
            Object.fromEntries([[last.xAxis.title, last.x], ...last.curves.map(({ name, y }) => [name, y] as const)]),
          )
        }
      />
      <div className="keys">
        {last.curves.map(({ name, shape }, index) => {
          const { color, dash, width } = looks[index] ?? { color: 'currentColor', dash: 'solid', width: 1 }
          return (
            <span key={name}>
              <svg width={26} height={8} aria-hidden>
                {shape === 'points' ? (
                  <circle cx={13} cy={4} r={3} fill={dash === 'solid' ? color : 'none'} stroke={color} />
                ) : (
                  <line
                    x1={0}
                    x2={26}
                    y1={4}
                    y2={4}
                    stroke={color}
                    strokeWidth={width}
                    strokeDasharray={dashArrays[dash]}
                  />
                )}
              </svg>
              {name}
            </span>
          )
        })}
      </div>
    </MethodTrial>
  )
}
