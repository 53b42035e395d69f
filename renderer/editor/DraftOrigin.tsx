import { Anchor, Button } from '@mantine/core'
import { useEffect } from 'react'
import { parseConfig } from '../../core/config/parse'
import type { Run } from '../../core/run'
import { ask } from '../api'
import { leaveFork, setWeights } from '../commands'
import { differences, forkedImages } from '../differences'
import type { Draft } from './draft'
import { cutMiddle } from '../format'
import { inspectAgain, inspectionIn, useInspections } from './inspection'
import { runName } from '../names'
import { Dot } from '../components/Dot'
import { Name } from '../components/Name'

const shownDifferences = 6

/** Where the run begins: from nothing, from a weights file, or as a fork, with what differs from its parent. */
export function DraftOrigin({ draft, parent }: { readonly draft: Draft; readonly parent: Run | undefined }) {
  if (draft.parent !== null) return <ForkOrigin draft={draft} parent={parent} checkpoint={draft.parent.checkpoint} />
  const choose = async (): Promise<void> => {
    const file = await ask('weights.choose', null, 'No weights could be chosen')
    if (typeof file === 'string') setWeights(file)
  }
  return (
    <div className="bar-row quiet" style={{ flexWrap: 'nowrap' }}>
      {draft.weights === null ? (
        <span className="cut" title="Random weights follow from the seed">
          Starts from random weights; they follow from the seed.
        </span>
      ) : (
        <span className="cut">
          Starts from the weights in <span title={draft.weights}>{cutMiddle(draft.weights, 48)}</span>
        </span>
      )}
      <span className="spring" />
      {draft.weights !== null && (
        <Anchor component="button" type="button" size="sm" onClick={() => setWeights(null)}>
          Random again
        </Anchor>
      )}
      <Button variant="default" style={{ flex: 'none' }} onClick={() => void choose()}>
        From a weights file…
      </Button>
    </div>
  )
}

function ForkOrigin({
  draft,
  parent,
  checkpoint,
}: {
  readonly draft: Draft
  readonly parent: Run | undefined
  readonly checkpoint: string
}) {
  const parsed = parseConfig(draft.input)
  const config = parsed.ok ? parsed.value : null
  const inspections = useInspections()
  const inspection = config === null ? undefined : inspectionIn(inspections, config.data)
  const images =
    parent === undefined || config === null
      ? ''
      : forkedImages(parent, config, inspection?.state === 'known' ? inspection.info : null)
  // The folder may have changed since the window looked at it.
  useEffect(() => {
    if (parent !== undefined) void inspectAgain(parent.config.data)
  }, [parent?.id])
  const rows = parsed.ok && parent !== undefined ? differences([parent.config, parsed.value]) : []
  return (
    <div className="banner" data-level="information">
      <div style={{ flex: 1, minWidth: 0 }}>
        {parent === undefined ? (
          <span>A fork of a run that is gone.</span>
        ) : (
          <div className="cut">
            <Dot id={parent.id} /> Fork of <Name text={runName(parent)} length={36} /> from{' '}
            {checkpoint.replace('.safetensors', '')}: weights, momentum and position go on from there.
          </div>
        )}
        {images !== '' && (
          <div className="tiny selectable" style={{ color: 'var(--warn)' }}>
            {images}
          </div>
        )}
        {parent !== undefined && (
          <div className="quiet tiny selectable">
            {rows.length === 0
              ? images === ''
                ? 'Nothing differs from its parent yet.'
                : ''
              : rows
                  .slice(0, shownDifferences)
                  .map(({ label, values }) => `${label}: ${values[0] ?? ''} → ${values[1] ?? ''}`)
                  .join(' · ')}
            {rows.length > shownDifferences && ` · and ${rows.length - shownDifferences} more`}
          </div>
        )}
      </div>
      <Button variant="default" onClick={leaveFork}>
        Make it a new run
      </Button>
    </div>
  )
}
