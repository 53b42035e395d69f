import { pageOf } from '../../core/explain/all'
import { presets } from '../../core/presets/all'
import { Empty } from '../parts/Empty'
import { MethodPage } from './MethodPage'
import { NotesPage } from './NotesPage'
import { PresetPage } from './PresetPage'
import { ReadingList } from './ReadingList'
import { Split } from '../parts/Split'
import type { Reading } from '../store'
import { useStore } from '../store'

/** What the literature says of batch size and learning rate: its experiments as configs, its methods explained. */
export function Papers() {
  const open = useStore((state) => state.papers.open)
  return (
    <Split
      id="papers"
      initial={27}
      minimum={[210, 420]}
      left={<ReadingList open={open} />}
      right={
        <article className="scroll" aria-label="Reading" key={open.type === 'notes' ? 'notes' : open.id}>
          <Open open={open} />
        </article>
      }
    />
  )
}

function Open({ open }: { readonly open: Reading }) {
  if (open.type === 'notes') return <NotesPage />
  const preset = open.type === 'preset' ? presets.find(({ id }) => id === open.id) : undefined
  if (preset !== undefined) return <PresetPage preset={preset} />
  const page = open.type === 'method' ? pageOf(open.id) : undefined
  return page === undefined ? (
    <Empty title="There is no such page">Choose one from the list.</Empty>
  ) : (
    <MethodPage page={page} />
  )
}
