import { Switch } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import type { Images } from '../../core/job'
import { call, sentenceOf } from '../api'
import { count } from '../format'
import { Thumbnails } from '../parts/Thumbnails'

const previewed = 24

/** The first training images, as they lie in the data or as the training will see them. */
export function DataPreview({ config, facts }: { readonly config: RunConfig; readonly facts: DatasetFacts }) {
  const [augment, setAugment] = useState(true)
  const [images, setImages] = useState<Images | null>(null)
  const [failure, setFailure] = useState('')
  const key = useMemo(() => JSON.stringify([config.data, config.seed, augment, facts.fingerprint]), [config.data, config.seed, augment, facts])
  useEffect(() => {
    let wanted = true
    const timer = setTimeout(async () => {
      const indices = Array.from({ length: Math.min(previewed, facts.counts.train) }, (_, index) => index)
      const reply = await call('data.preview', { data: config.data, seed: config.seed, split: 'train', indices, augment })
      if (!wanted) return
      setImages((before) => (reply.ok ? reply.value : before))
      setFailure(reply.ok ? '' : sentenceOf(reply))
    }, 250)
    return () => { wanted = false; clearTimeout(timer) }
    // Everything that the request needs is in the key.
  }, [key])
  return (
    <details className="fold" open>
      <summary>Images: {facts.name}, {facts.shape.slice(0, 2).join('×')}{facts.shape[2] === 1 ? ' grey' : ' colour'}, {count(facts.classes.length)} classes</summary>
      <div className="pad">
        <Switch label="With augmentation, as in the first epoch" checked={augment} onChange={(event) => setAugment(event.currentTarget.checked)} mb={8} />
        {failure !== '' && <p className="selectable" style={{ color: 'var(--bad)' }}>The images could not be shown: {failure}</p>}
        <Thumbnails images={images} slots={Math.min(previewed, facts.counts.train)} captions={(images?.labels ?? []).map((label) => facts.classes[label] ?? String(label))} />
      </div>
    </details>
  )
}
