import { pageOf } from '../../content/explain/all'
import { presets } from '../../content/presets/all'
import { Empty } from '../components/Empty'
import { MethodPage } from './MethodPage'
import { NotesPage } from './NotesPage'
import { PresetPage } from './PresetPage'
import { ReadingList } from './ReadingList'
import { SplitPane } from '../components/SplitPane'
import type { PaperPage } from '../store'
import { useStore } from '../store'

/** What the literature says of batch size and learning rate: its experiments as configs, its methods explained. */
export function Papers() {
  const open = useStore((state) => state.papers.open)
  return (
    <SplitPane
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

function Open({ open }: { readonly open: PaperPage }) {
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
