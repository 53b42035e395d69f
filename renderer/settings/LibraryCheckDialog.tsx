import { Button, Modal, Progress } from '@mantine/core'
import { CircleAlert, CircleCheck, LoaderCircle } from 'lucide-react'
import type { Finding, ShortReport } from '../../core/libraryReport'
import { problemCount, readCount } from '../../core/libraryReport'
import { plainLine } from '../../core/plain'
import { checkProgress } from '../../core/protocol'
import { cutMiddle, compactCounted } from '../format'
import { runName } from '../names'
import { Ago } from '../components/Ago'
import { Name } from '../components/Name'
import { useStore } from '../store'
import { checkLibrary, copyReport, hideCheck, openFound, stopCheck } from './checkLibrary'

/** Reads every file of the library, and lists what is wrong with which run. */
export function LibraryCheckDialog() {
  const isShown = useStore((state) => state.isCheckShown)
  return (
    <Modal
      opened={isShown}
      onClose={hideCheck}
      title="Check library"
      size={720}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Body />
    </Modal>
  )
}

const Again = () => (
  <Button variant="default" onClick={() => void checkLibrary()}>
    Check again
  </Button>
)
const CloseButton = () => <Button onClick={hideCheck}>Close</Button>

function Body() {
  const check = useStore((state) => state.libraryCheck)
  switch (check.type) {
    case 'none':
      return null
    case 'running':
      return <Running isStopping={check.isStopping} />
    case 'stopped':
      return (
        <div className="check">
          <p role="status">The check was stopped. It had changed nothing.</p>
          <footer>
            <span />
            <Again />
            <CloseButton />
          </footer>
        </div>
      )
    case 'failed':
      return (
        <div className="check">
          <p className="form-issue selectable" role="alert">
            The library could not be checked. {plainLine(check.why)}
          </p>
          <footer>
            <span className="quiet">
              The check has a process of its own: what trains goes on, and nothing was changed.
            </span>
            <Again />
            <CloseButton />
          </footer>
        </div>
      )
    case 'done':
      return <Result report={check.report} at={check.at} />
  }
}

function Running({ isStopping }: { readonly isStopping: boolean }) {
  const progress = useStore((state) => state.progress[checkProgress])
  return (
    <div className="check">
      <p className="verdict" role="status" aria-live="off">
        <LoaderCircle size={16} aria-hidden />{' '}
        {isStopping ? 'Stopping…' : `Reading every file${progress === undefined ? '…' : `: ${progress.message}`}`}
      </p>
      <Progress value={100 * (progress?.fraction ?? 0)} transitionDuration={0} aria-label="Checked" />
      <footer>
        <span className="quiet">
          Records, every line of every log, every tensor of every checkpoint. Nothing is changed, and training goes on.
        </span>
        <Button variant="default" disabled={isStopping} onClick={stopCheck}>
          Stop
        </Button>
        <Button variant="default" data-autofocus onClick={hideCheck}>
          In the background
        </Button>
      </footer>
    </div>
  )
}

function Result({ report, at }: { readonly report: ShortReport; readonly at: string }) {
  const { problems, notes, more, runs } = report
  const isSound = problems.length === 0
  const count = problemCount(problems.length + more.problems)
  return (
    <div className="check">
      <p className="verdict" role="status" data-sound={isSound}>
        {isSound ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
        <span>
          <b>
            {count.charAt(0).toUpperCase()}
            {count.slice(1)}
          </b>
          : {runs === 0 ? 'there is no run in the library yet' : readCount(report)}
        </span>
      </p>
      {(problems.length > 0 || notes.length > 0) && (
        <div className="found selectable" tabIndex={0} role="region" aria-label="What was found">
          <Findings findings={problems} more={more.problems} what="problem" report={report} />
          {notes.length > 0 && <h3>{isSound ? 'Odd' : 'Besides, odd'}, and no harm</h3>}
          <Findings findings={notes} more={more.notes} what="note" report={report} />
        </div>
      )}
      <footer>
        <span className="quiet">
          Checked <Ago at={at} />; nothing was changed.
        </span>
        <Button variant="default" onClick={() => void copyReport(report)}>
          Copy as text
        </Button>
        <Again />
        <CloseButton />
      </footer>
    </div>
  )
}

/** Findings of one run one after the other, as they come. */
function grouped(
  findings: readonly Finding[],
): readonly { readonly run: string | undefined; readonly findings: readonly Finding[] }[] {
  const groups: { run: string | undefined; findings: Finding[] }[] = []
  for (const finding of findings) {
    const last = groups.at(-1)
    if (last !== undefined && last.run === finding.run) last.findings.push(finding)
    else groups.push({ run: finding.run, findings: [finding] })
  }
  return groups
}

interface FindingsProps {
  readonly findings: readonly Finding[]
  readonly more: number
  readonly what: string
  readonly report: ShortReport
}

function Findings({ findings, more, what, report: { library } }: FindingsProps) {
  return (
    <>
      {grouped(findings).map(({ run, findings: own }, index) => (
        <section key={index}>
          {run === undefined ? (
            <h4>The library</h4>
          ) : (
            <h4>
              <RunLink id={run} />
            </h4>
          )}
          <ul>
            {own.map(({ file, message }, at) => (
              <li key={at}>
                <FoundText file={file} short={shortPath(file, library, run)} message={message} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {more > 0 && <p className="quiet">and {compactCounted(more, what)} more; batchlab verify names them all.</p>}
    </>
  )
}

function RunLink({ id }: { readonly id: string }) {
  const run = useStore((state) => state.runs[id])
  if (run === undefined) return <>Run {id}</>
  return (
    <button type="button" className="link" onClick={() => openFound(id)}>
      <Name text={runName(run)} length={70} />
    </button>
  )
}

const within = (path: string, folder: string): string =>
  path.startsWith(folder) && /^[\\/]/.test(path.slice(folder.length)) ? path.slice(folder.length + 1) : path

/** A file's path below its run's folder, or below the library's. */
function shortPath(file: string, library: string, run: string | undefined): string {
  const path = within(file, library)
  return plainLine(run === undefined ? path : path.replace(/^runs[\\/][^\\/]+[\\/]/, ''))
}

const longestPath = 120

/** A message goes on from its file's path, if it does not name that itself. */
function FoundText({
  file,
  short,
  message,
}: {
  readonly file: string
  readonly short: string
  readonly message: string
}) {
  const path = (
    <span className="code" title={plainLine(file).slice(0, 4096)}>
      {cutMiddle(short, longestPath)}
    </span>
  )
  const [before = '', after] = message.split(file, 2)
  return after === undefined ? (
    <>
      {path}: {plainLine(message)}
    </>
  ) : (
    <>
      {plainLine(before)}
      {path}
      {plainLine(after)}
    </>
  )
}
