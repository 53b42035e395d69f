import { Anchor, Button, SegmentedControl } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { Images } from '../../core/job'
import type { Comparison } from '../../core/protocol'
import { call, sentenceOf } from '../api'
import type { Outcomes } from '../../core/outcomes'
import { formatCount } from '../../core/numbers'
import type { PickedCell } from './confusion'
import { Thumbnails } from '../components/Thumbnails'

interface Props {
  readonly result: Comparison
  readonly outcomes: Outcomes
  readonly cell: PickedCell | null
  readonly clear: () => void
}

const page = 60
// The first that has images is open at first.
const lists = ['onlyB', 'onlyA', 'neither'] as const
type List = (typeof lists)[number]

/** The images that one gets right and the other wrong, and those that both get wrong; or those of a picked cell. */
export function ImageLists({ result, outcomes, cell, clear }: Props) {
  const [list, setList] = useState<List>(() => lists.find((name) => outcomes[name].length > 0) ?? 'onlyB')
  const [pages, setPages] = useState(1)
  const { a, b, data } = result
  const indices = useMemo(() => {
    if (cell === null) return outcomes[list]
    const predictions = cell.of === 'A' ? a.predictions : b.predictions
    return a.labels.flatMap((label, index) =>
      label === cell.truth && predictions[index] === cell.predicted ? [index] : [],
    )
  }, [cell, list, outcomes, a, b])
  useEffect(() => {
    setPages(1)
  }, [indices])
  const named = (label: number | undefined): string => a.classes[label ?? -1] ?? '?'
  const caption = (index: number): string => {
    const truth = a.labels[index]
    const [saysA, saysB] = [a.predictions[index], b.predictions[index]]
    const wrong =
      saysA === saysB
        ? saysA === truth
          ? ''
          : `both: ${named(saysA)}`
        : [saysA === truth ? '' : `A: ${named(saysA)}`, saysB === truth ? '' : `B: ${named(saysB)}`]
            .filter((part) => part !== '')
            .join(', ')
    return wrong === '' ? named(truth) : `${named(truth)}\n${wrong}`
  }
  return (
    <section className="pad">
      <div style={{ display: 'flex', gap: 12, alignItems: 'center', marginBottom: 8, minHeight: 28 }}>
        <h2 className="heading">Images</h2>
        {cell === null ? (
          <SegmentedControl
            aria-label="Which images"
            value={list}
            onChange={(value) => setList(value as List)}
            data={[
              { value: 'onlyA', label: `A right, B wrong (${formatCount(outcomes.onlyA.length)})` },
              { value: 'onlyB', label: `B right, A wrong (${formatCount(outcomes.onlyB.length)})` },
              { value: 'neither', label: `Both wrong (${formatCount(outcomes.neither.length)})` },
            ]}
          />
        ) : (
          <span>
            True {named(cell.truth)}, {cell.of} says {named(cell.predicted)}: {formatCount(indices.length)}{' '}
            <Anchor component="button" type="button" size="sm" onClick={clear}>
              Back to the lists
            </Anchor>
          </span>
        )}
      </div>
      {indices.length === 0 ? (
        <p className="quiet">No image is in this list.</p>
      ) : (
        Array.from({ length: pages }, (_, at) => (
          <Page
            key={`${at} ${indices[at * page]}`}
            indices={indices.slice(at * page, (at + 1) * page)}
            places={a.images}
            split={a.split}
            data={data}
            caption={caption}
          />
        ))
      )}
      {indices.length > pages * page && (
        <Button variant="default" mt={8} onClick={() => setPages(pages + 1)}>
          Show more ({formatCount(indices.length - pages * page)})
        </Button>
      )}
    </section>
  )
}

interface PageProps {
  readonly indices: readonly number[]
  /** Of all measured images in the split. */ readonly places: readonly number[]
  readonly split: Comparison['a']['split']
  readonly data: Comparison['data']
  readonly caption: (index: number) => string
}

function Page({ indices, places, split, data, caption }: PageProps) {
  const [images, setImages] = useState<Images | null>(null)
  const [failure, setFailure] = useState('')
  const key = `${split} ${indices.map((index) => places[index]).join(' ')}`
  useEffect(() => {
    let wanted = true
    void call('data.preview', {
      data,
      seed: 0,
      split,
      indices: indices.map((index) => places[index] ?? index),
      augment: false,
    }).then((reply) => {
      if (!wanted) return
      setImages(reply.ok ? reply.value : null)
      setFailure(reply.ok ? '' : sentenceOf(reply))
    })
    return () => {
      wanted = false
    }
  }, [key])
  if (failure !== '')
    return (
      <p className="selectable" style={{ color: 'var(--bad)' }}>
        The images could not be shown. {failure}
      </p>
    )
  return <Thumbnails large images={images} slots={indices.length} captions={indices.map(caption)} />
}
