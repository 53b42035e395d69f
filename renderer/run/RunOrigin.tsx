import { extensionText } from '../../core/extension'
import type { Run } from '../../core/run'
import { openRun } from '../commands'
import { onOtherImages } from '../differences'
import { runName } from '../names'
import { useStore } from '../store'
import { Ago } from '../components/Ago'
import { Name } from '../components/Name'

/** Where a run came from, as a link to it, and how it was extended. */
export function RunOrigin({ run }: { readonly run: Run }) {
  const extensions = run.extensions ?? []
  if (extensions.length === 0) return <Beginning run={run} />
  return (
    <>
      <Beginning run={run} />
      <span title={extensions.map(extensionText).join('\n')}>
        {' '}
        · extended {extensions.map(({ epochs }) => `to ${epochs}`).join(', ')} epochs
      </span>
    </>
  )
}

function Beginning({ run }: { readonly run: Run }) {
  const parent = useStore((state) => (run.origin.type === 'fork' ? state.runs[run.origin.run] : undefined))
  if (run.origin.type === 'new') return <Ago at={run.createdAt} />
  if (run.origin.type === 'weights')
    return (
      <span className="cut" title={run.origin.file}>
        From weights
      </span>
    )
  if (parent === undefined) return <span>Fork of a run that is gone</span>
  return (
    <>
      <button type="button" className="plain" style={{ width: 'auto' }} onClick={() => openRun(parent.id)}>
        {/* A blank at the end of a text in a row of boxes is dropped. */}Fork of{'\u00a0'}
        <Name text={runName(parent)} length={24} />
      </button>
      {onOtherImages(parent, run) && (
        <span title="The log says how many of its validation and test images the parent was trained on">
          , on other images
        </span>
      )}
    </>
  )
}
