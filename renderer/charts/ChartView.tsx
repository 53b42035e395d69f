import { formatCount } from '../../core/numbers'
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { Download, Maximize2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ChartTheme } from './chartTheme'
import { saveCsv, saveImage } from './figures'
import type { Drawing } from './plotly'
import type { DrawingFrame } from './usePlot'
import { usePlot } from './usePlot'

interface Props {
  /** Its heading, and its file's name when it is saved. */
  readonly name: string
  readonly height: number
  /** Changes whenever there is something else to draw. */
  readonly revision: string
  readonly draw: (frame: DrawingFrame) => Drawing
  /** The data behind it at full resolution. */
  readonly csv: () => Promise<string> | string
  /** What stands in the empty plot; empty when there are curves. */
  readonly veil?: string
  readonly tools?: ReactNode
  readonly onPick?: (x: string, y: string) => void
  /** The least time between two redraws, in ms: less for what follows a hand than for what follows a training. */
  readonly pace?: number
}

// A live chart is redrawn at most four times a second: more than that only costs training time.
const redrawMs = 250

/** A plot of a fixed height: there before its data, at the same place afterwards. */
export function ChartView({ name, height, revision, draw, csv, veil = '', tools, onPick, pace = redrawMs }: Props) {
  const { ref: measure, width } = useElementSize()
  const plot = usePlot({ name, width, height, revision, draw, onPick, pace })
  const { counts, failure } = plot
  const drawForPaper = (theme: ChartTheme): Drawing =>
    draw({ pixels: 1200, range: plot.rangeInView(), theme, legend: true })
  const shownVeil = failure === '' ? veil : `The plot could not be drawn: ${failure}`
  return (
    <section className="chart" aria-label={name}>
      <header>
        <h2 className="heading" title={countsInWords(counts)}>
          {name}
        </h2>
        <div className="tools">
          {tools}
          {plot.isZoomed && (
            <Tooltip label="Show everything again (double-click)">
              <ActionIcon size={22} aria-label="Reset the zoom" onClick={plot.resetZoom}>
                <Maximize2 size={13} />
              </ActionIcon>
            </Tooltip>
          )}
          <SaveMenu name={name} draw={drawForPaper} csv={csv} />
        </div>
      </header>
      <div className="plot" ref={measure} style={{ height }}>
        <canvas ref={plot.canvas} aria-hidden style={{ width, height }} />
        <div
          ref={plot.box}
          role="img"
          aria-label={shownVeil === '' ? `${name}, ${formatCount(counts.points)} values` : `${name}: ${shownVeil}`}
        />
        {shownVeil !== '' && <div className="veil">{shownVeil}</div>}
      </div>
    </section>
  )
}

const countsInWords = ({ points, drawn }: { readonly points: number; readonly drawn: number }): string | undefined =>
  points === 0
    ? undefined
    : `${formatCount(points)} values in view, ${formatCount(drawn)} drawn: the lowest and highest of every pixel`

interface SaveMenuProps {
  readonly name: string
  readonly draw: (theme: ChartTheme) => Drawing
  readonly csv: () => Promise<string> | string
}

function SaveMenu({ name, draw, csv }: SaveMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={22} aria-label={`Save ${name}`}>
          <Download size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void saveImage(name, 'svg', draw)}>Figure as SVG</Menu.Item>
        <Menu.Item onClick={() => void saveImage(name, 'png', draw)}>Figure as PNG</Menu.Item>
        <Menu.Item onClick={() => void saveCsv(name, csv)}>All data as CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
