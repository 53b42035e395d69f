import { Button } from '@mantine/core'
import type { ErrorInfo, ReactNode } from 'react'
import { Component } from 'react'
import type { Fault } from '../faults'
import { faultOf } from '../faults'
import { copyDetails, noteFault, tellFault } from '../notifyFault'

interface GuardProps {
  /** What is guarded, in a person's words: a view's title, a part's name. */
  readonly where: string
  readonly children: ReactNode
  /** What stands in its place once it failed; `again` tries it anew. */
  readonly fallback: (fault: Fault, again: () => void) => ReactNode
  /** What failed is tried anew when this changes. */
  readonly resetKey?: unknown
  readonly onFault?: (error: unknown, place: string) => void
  /** Tries once more by itself each time: what failed may have been what just left, and then what came is in order. */
  readonly triesAgain?: boolean
}

interface GuardState {
  readonly failed: { readonly error: unknown } | null
}

/** Keeps what fails while it is drawn from taking the window with it. React offers this to classes only. */
class Guard extends Component<GuardProps, GuardState> {
  override readonly state: GuardState = { failed: null }
  /** The key that it has tried again for; an object is equal to no key. */
  private triedFor: unknown = {}

  static getDerivedStateFromError(error: unknown): GuardState {
    return { failed: { error } }
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    const {
      where,
      resetKey,
      triesAgain = false,
      onFault = (fault, place) => void noteFault(where, fault, place),
    } = this.props
    onFault(error, componentStack ?? '')
    if (!triesAgain || this.triedFor === resetKey) return
    this.triedFor = resetKey
    this.again()
  }

  override componentDidUpdate({ resetKey }: GuardProps): void {
    if (this.state.failed !== null && resetKey !== this.props.resetKey) this.again()
  }

  private readonly again = (): void => this.setState({ failed: null })

  override render(): ReactNode {
    const { where, children, fallback } = this.props
    const { failed } = this.state
    return failed === null ? children : fallback(faultOf(where, failed.error), this.again)
  }
}

/**
 * A view of the window: when it fails, the rest stays, and it can be drawn anew. There are two guards, because the one
 * around a view leaves with it: what fails on leaving (the cleanup of an effect) comes to the outer one, which goes on
 * with the view that came.
 */
export function GuardedView({
  view,
  title,
  resetKey,
  children,
}: {
  readonly view: string
  readonly title: string
  readonly resetKey: unknown
  readonly children: ReactNode
}) {
  const fallback = (fault: Fault, again: () => void): ReactNode => (
    <FailedView title={title} fault={fault} again={again} />
  )
  return (
    <Guard where="Leaving a view" resetKey={view} triesAgain fallback={fallback}>
      <Guard key={view} where={title} resetKey={resetKey} fallback={fallback}>
        {children}
      </Guard>
    </Guard>
  )
}

function FailedView({
  title,
  fault,
  again,
}: {
  readonly title: string
  readonly fault: Fault
  readonly again: () => void
}) {
  return (
    <section className="empty failed" role="alert">
      <h2>{title} could not be shown</h2>
      <p className="selectable">{fault.message}</p>
      <p>
        The other views work as before. What trains goes on in a process of its own, and nothing that was saved is
        touched.
      </p>
      <div className="choices">
        <Button onClick={again}>Reload this view</Button>
        <Button variant="default" onClick={() => copyDetails(fault)}>
          Copy details
        </Button>
      </div>
    </section>
  )
}

/** A part of a view, such as a chart, without which the rest of the view is still of use. */
export function GuardedPart({
  name,
  resetKey,
  children,
}: {
  readonly name: string
  readonly resetKey?: unknown
  readonly children: ReactNode
}) {
  return (
    <Guard
      where={name}
      resetKey={resetKey}
      fallback={(fault, again) => (
        <div className="failed-part" role="alert">
          <p>
            <strong>{name} could not be shown.</strong> <span className="selectable">{fault.message}</span>
          </p>
          <button type="button" className="link" onClick={again}>
            Try again
          </button>
          <button type="button" className="link" onClick={() => copyDetails(fault)}>
            Copy details
          </button>
        </div>
      )}
    >
      {children}
    </Guard>
  )
}

/** What lies over the window and can be put away, such as a drawer: a failure closes it and is said in a corner. */
export const GuardedLayer = ({
  name,
  resetKey,
  close,
  children,
}: {
  readonly name: string
  readonly resetKey: unknown
  readonly close: () => void
  readonly children: ReactNode
}) => (
  <Guard
    where={name}
    resetKey={resetKey}
    fallback={() => null}
    onFault={(error, place) => {
      tellFault(name, error, place)
      close()
    }}
  >
    {children}
  </Guard>
)

/**
 * The whole page, for a failure outside of every other guard. What it shows needs no component: those may be what
 * failed.
 */
export const GuardedPage = ({ children }: { readonly children: ReactNode }) => (
  <Guard
    where="The window"
    fallback={(fault) => (
      <section className="empty failed" role="alert">
        <h2>The window could not be shown</h2>
        <p className="selectable">{fault.message}</p>
        <p>What trains goes on in a process of its own, and nothing that was saved is touched.</p>
        <div className="choices">
          <button type="button" onClick={() => location.reload()}>
            Reload the window
          </button>
          <button type="button" onClick={() => copyDetails(fault)}>
            Copy details
          </button>
        </div>
      </section>
    )}
  >
    {children}
  </Guard>
)
