import { Button, Modal, Progress, Select, TextInput } from '@mantine/core'
import { useEffect, useId, useRef, useState } from 'react'
import { publishedBytes, publishedData, type PublishedData } from '../../content/publishedData'
import type { DownloadState } from '../../core/protocol'
import { ask, call, sentenceOf } from '../api'
import { bytes, duration } from '../format'
import { retryAt } from './inspection'

/**
 * Below the path of data that somebody may not have yet: fetches it and fills the path in. Nothing for sources that
 * nobody publishes.
 */
export function DownloadButton({
  source,
  change,
}: {
  readonly source: unknown
  readonly change: (path: string) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const sets = publishedData.filter((set) => set.source === source)
  if (sets.length === 0) return null
  return (
    <>
      <div className="download-line">
        Not on this machine yet?{' '}
        <button type="button" onClick={() => setOpen(true)}>
          Download…
        </button>
      </div>
      {/* While it runs it can only be stopped: a path that appears later might land in another config. */}
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title="Download a data set"
        size={620}
        closeOnEscape={!isBusy}
        closeOnClickOutside={!isBusy}
        withCloseButton={!isBusy}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <DownloadForm sets={sets} setBusy={setBusy} close={() => setOpen(false)} change={change} />
      </Modal>
    </>
  )
}

interface FormProps {
  readonly sets: readonly PublishedData[]
  readonly setBusy: (busy: boolean) => void
  readonly close: () => void
  readonly change: (path: string) => void
}

function DownloadForm({ sets, setBusy, close, change }: FormProps) {
  const [name, setName] = useState(sets[0]?.name ?? '')
  const [mirror, setMirror] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const [failure, setFailure] = useState('')
  const [isWaiting, setWaiting] = useState(false)
  const [wasStopped, setStopped] = useState(false)
  const { current, folder, forget } = useDownload(name, isWaiting)
  const isHere = useRef(true)
  const mirrorId = useId()
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  // One that this page began before it was loaded anew is shown as well, and can be stopped.
  const isBusy = isWaiting || current !== null
  useEffect(() => {
    setBusy(isBusy)
  }, [isBusy, setBusy])
  const set = sets.find((one) => one.name === name)
  if (set === undefined) return null

  const start = async (): Promise<void> => {
    setFailure('')
    setStopped(false)
    setWaiting(true)
    const reply = await call('downloads.start', {
      name,
      folder: chosen,
      from: mirror.trim() === '' ? null : mirror.trim(),
    })
    if (!isHere.current) return
    setWaiting(false)
    forget()
    if (!reply.ok) return setFailure(sentenceOf(reply))
    change(reply.value)
    retryAt(reply.value)
    close()
  }
  const stop = (): void => {
    setStopped(true)
    void ask('downloads.stop', null, 'It could not be stopped')
  }
  const chooseFolder = async (): Promise<void> => {
    const path = await ask('data.choose', 'folder', 'No folder could be chosen')
    if (typeof path === 'string') setChosen(path)
  }
  return (
    <div className="download">
      {sets.length > 1 && (
        <Select
          aria-label="Data set"
          w={200}
          mb={8}
          disabled={isBusy}
          data={sets.map((one) => ({ value: one.name, label: one.title }))}
          value={name}
          onChange={(next) => {
            if (next !== null) setName(next)
          }}
        />
      )}
      <dl className="versions selectable">
        <dt>Data set</dt>
        <dd>
          {set.title}: {set.holds}
        </dd>
        <dt>Size</dt>
        <dd>
          {bytes(publishedBytes(set))}
          {set.files.length > 1 ? ` in ${set.files.length} files` : `, ${set.files[0]?.name ?? ''}`}
        </dd>
        <dt>Made by</dt>
        <dd>{set.makers}</dd>
        <dt>Terms</dt>
        <dd>{set.terms}</dd>
        <dt>Cite</dt>
        <dd>{set.cite}</dd>
        <dt>From</dt>
        <dd>
          {set.addresses.map((address, index) => (
            <div key={address}>
              {index > 0 && 'else '}
              {address}
            </div>
          ))}
        </dd>
        <dt>
          <label htmlFor={mirrorId}>Mirror</label>
        </dt>
        <dd>
          <TextInput
            id={mirrorId}
            placeholder="https://… instead of these"
            disabled={isBusy}
            value={mirror}
            onChange={(event) => setMirror(event.currentTarget.value)}
          />
        </dd>
        <dt>Into</dt>
        <dd className="into">
          <span>{chosen ?? folder}</span>
          <Button variant="default" disabled={isBusy} onClick={() => void chooseFolder()}>
            Folder…
          </Button>
        </dd>
      </dl>
      {isBusy && <DownloadProgress state={current} />}
      {failure !== '' && (
        <p className={wasStopped ? 'selectable quiet' : 'selectable form-issue'} role="alert">
          {failure}
        </p>
      )}
      <footer>
        <span className="quiet">Checked by MD5 and SHA-256; what came before a stop or a break is kept.</span>
        {isBusy ? (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button onClick={() => void start()}>Download</Button>
        )}
      </footer>
    </div>
  )
}

function DownloadProgress({ state }: { readonly state: DownloadState | null }) {
  const begun = useRef<{ readonly at: number; readonly done: number } | null>(null)
  if (state === null || state.total === 0) return <p className="quiet">Asking…</p>
  begun.current ??= { at: performance.now(), done: state.done }
  const [seconds, fetched] = [(performance.now() - begun.current.at) / 1000, state.done - begun.current.done]
  const left = seconds > 2 && fetched > 0 ? ` · ${duration(((state.total - state.done) / fetched) * seconds)} left` : ''
  return (
    <div>
      <Progress value={(100 * state.done) / state.total} transitionDuration={0} aria-label="Downloaded" />
      <p className="number">
        {state.file}: {bytes(state.done)} of {bytes(state.total)}
        {left}
      </p>
      {state.note !== '' && <p className="quiet selectable">{state.note}</p>}
    </div>
  )
}

const pollMs = 300

// Asked for and not told: it matters only while somebody looks at it.
function useDownload(
  name: string,
  isWaiting: boolean,
): { readonly current: DownloadState | null; readonly folder: string; readonly forget: () => void } {
  const [known, setKnown] = useState<{ readonly current: DownloadState | null; readonly folder: string }>({
    current: null,
    folder: '',
  })
  const isRunning = isWaiting || known.current !== null
  useEffect(() => {
    let wanted = true
    const look = async (): Promise<void> => {
      const reply = await call('downloads.state', name)
      if (wanted && reply.ok) setKnown(reply.value)
    }
    void look()
    const timer = isRunning ? setInterval(() => void look(), pollMs) : undefined
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [name, isRunning])
  // Otherwise a download that just ended would look as if it went on, until somebody asks again.
  return { ...known, forget: () => setKnown((before) => ({ ...before, current: null })) }
}
