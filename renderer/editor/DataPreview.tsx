import { Button, Switch, TextInput } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { DataInspection } from '../../core/inspection'
import type { Images } from '../../core/job'
import { formatCount } from '../../core/numbers'
import { call, sentenceOf } from '../api'
import { Thumbnails } from '../components/Thumbnails'
import { inspectionOf, useInspections } from './inspection'

const classesOnPage = 10
const filesTold = 100

/**
 * How a data set was understood, what was left out of it, and of each class its images in each split with a few to look
 * at.
 */
export function DataPreview({ config, info }: { readonly config: RunConfig; readonly info: DatasetInfo }) {
  useInspections()
  const inspection = inspectionOf(config.data)
  return (
    <details className="fold" open>
      <summary>
        Images: {info.name}, {info.shape.slice(0, 2).join('×')}
        {info.shape[2] === 1 ? ' grey' : ' colour'}, {formatCount(info.classes.length)} classes
      </summary>
      {inspection.state === 'known' && inspection.info.fingerprint === info.fingerprint && (
        <div className="pad">
          {inspection.about.map((sentence) => (
            <p key={sentence} className="selectable data-about">
              {sentence}
            </p>
          ))}
          <LeftOut inspection={inspection} />
          <Classes config={config} inspection={inspection} />
        </div>
      )}
    </details>
  )
}

function LeftOut({ inspection: { skipped, skippedCount } }: { readonly inspection: DataInspection }) {
  if (skippedCount === 0) return null
  const told = skipped.slice(0, filesTold)
  return (
    <details className="data-about">
      <summary>{formatCount(skippedCount)} left out: names and reasons</summary>
      <ul className="left-out selectable">
        {told.map(({ file, reason }, index) => (
          <li key={index}>
            <b>{file}</b> {reason}
          </li>
        ))}
        {skippedCount > told.length && (
          <li className="quiet">
            and {formatCount(skippedCount - told.length)} more; “batchlab data import” lists all of them
          </li>
        )}
      </ul>
    </details>
  )
}

function Classes({ config, inspection }: { readonly config: RunConfig; readonly inspection: DataInspection }) {
  const { info, classCounts, examples } = inspection
  const [augment, setAugment] = useState(true)
  const [wanted, setWanted] = useState('')
  const [page, setPage] = useState(0)
  const found = useMemo(
    () =>
      info.classes
        .map((_, label) => label)
        .filter((label) => (info.classes[label] ?? '').toLowerCase().includes(wanted.toLowerCase())),
    [info, wanted],
  )
  const pages = Math.max(1, Math.ceil(found.length / classesOnPage))
  const at = Math.min(page, pages - 1)
  const shown = found.slice(at * classesOnPage, (at + 1) * classesOnPage)
  const { images, failure } = useExamples(
    config,
    info,
    shown.flatMap((label) => examples[label] ?? []),
    augment,
  )
  const starts = shown.map((_, row) =>
    shown.slice(0, row).reduce((sum, label) => sum + (examples[label]?.length ?? 0), 0),
  )
  return (
    <>
      <div className="class-tools">
        <Switch
          label="With augmentation, as in the first epoch"
          checked={augment}
          onChange={(event) => setAugment(event.currentTarget.checked)}
        />
        {info.classes.length > classesOnPage && (
          <TextInput
            size="xs"
            aria-label="Find a class"
            placeholder="Find a class"
            value={wanted}
            onChange={(event) => {
              setWanted(event.currentTarget.value)
              setPage(0)
            }}
          />
        )}
      </div>
      {failure !== '' && (
        <p className="selectable" style={{ color: 'var(--bad)' }}>
          The images could not be shown. {failure}
        </p>
      )}
      <table className="classes">
        <thead>
          <tr>
            <th>Class</th>
            <th>Train</th>
            <th>Validation</th>
            <th>Test</th>
          </tr>
        </thead>
        {shown.map((label, row) => (
          <tbody key={label}>
            <tr>
              <th scope="row" title={info.classes[label]}>
                {info.classes[label]}
              </th>
              {(['train', 'validation', 'test'] as const).map((split) => (
                <td key={split} className={classCounts[split][label] === 0 ? 'quiet' : ''}>
                  {formatCount(classCounts[split][label])}
                </td>
              ))}
            </tr>
            <tr>
              <td colSpan={4}>
                <Thumbnails
                  images={images === null ? null : part(images, starts[row] ?? 0, examples[label]?.length ?? 0)}
                  slots={examples[label]?.length ?? 0}
                  captions={[]}
                />
              </td>
            </tr>
          </tbody>
        ))}
      </table>
      {found.length === 0 && <p className="quiet">No class is called like that.</p>}
      {pages > 1 && (
        <div className="class-pages">
          <Button size="compact-sm" variant="default" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </Button>
          <span className="quiet">
            Classes {formatCount(at * classesOnPage + 1)} to {formatCount(at * classesOnPage + shown.length)} of{' '}
            {formatCount(found.length)}
          </span>
          <Button size="compact-sm" variant="default" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Next
          </Button>
        </div>
      )}
    </>
  )
}

/**
 * The images at some positions of the training split, as they lie in the data or as the training will see them; null
 * until they are here.
 */
function useExamples(
  config: RunConfig,
  info: DatasetInfo,
  indices: readonly number[],
  augment: boolean,
): { readonly images: Images | null; readonly failure: string } {
  const [state, setState] = useState<{
    readonly key: string
    readonly images: Images | null
    readonly failure: string
  }>({ key: '', images: null, failure: '' })
  const places = indices.join(' ')
  const key = useMemo(
    () => JSON.stringify([config.data, config.seed, augment, info.fingerprint, places]),
    [config.data, config.seed, augment, info, places],
  )
  useEffect(() => {
    let wanted = true
    const load = async (): Promise<void> => {
      const reply = await call('data.preview', {
        data: config.data,
        seed: config.seed,
        split: 'train',
        indices: [...indices],
        augment,
      })
      if (wanted)
        setState(
          reply.ok
            ? { key: places, images: reply.value, failure: '' }
            : { key: places, images: null, failure: sentenceOf(reply) },
        )
    }
    const timer = setTimeout(() => void load(), 250)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
    // Everything that the request needs is in the key.
  }, [key])
  // Images of other classes are not shown in the meantime; the same ones without augmentation are.
  return state.key === places ? state : { images: null, failure: '' }
}

/** Some of the images, in a row. */
function part({ shape: [, ...shape], pixels, labels }: Images, from: number, many: number): Images {
  const size = shape[0] * shape[1] * shape[2]
  return {
    shape: [many, ...shape],
    pixels: pixels.subarray(from * size, (from + many) * size),
    labels: labels.slice(from, from + many),
  }
}
