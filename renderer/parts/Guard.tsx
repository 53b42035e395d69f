import { Button } from '@mantine/core'
import type { ErrorInfo, ReactNode } from 'react'
import { Component } from 'react'
import type { Fault } from '../faults'
import { faultOf } from '../faults'
import { copyDetails, noteFault, tellFault } from '../tellFault'

interface GuardProps {
  /** What is guarded, in a person's words: a view's title, a part's name. */
  readonly where: string
  readonly children: ReactNode
  /** What stands in its place once it failed; `again` tries it anew. */
  readonly fallback: (fault: Fault, again: () => void) => ReactNode
  /** What failed is tried anew when this changes. */
  readonly resetKey?: unknown
  readonly onFault?: (error: unknown, place: string) => void
}

interface GuardState { readonly failed: { readonly error: unknown } | null }

/** Keeps what fails while it is drawn from taking the window with it. React offers this to classes only. */
export class Guard extends Component<GuardProps, GuardState> {
  override readonly state: GuardState = { failed: null }

  static getDerivedStateFromError(error: unknown): GuardState {
    return { failed: { error } }
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    const { where, onFault = (fault, place) => void noteFault(where, fault, place) } = this.props
    onFault(error, componentStack ?? '')
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

/** A view of the window: when it fails, the rest stays, and it can be drawn anew. */
export function GuardedView({ title, resetKey, children }: { readonly title: string; readonly resetKey: unknown; readonly children: ReactNode }) {
  return (
    <Guard
      where={title} resetKey={resetKey}
      fallback={(fault, again) => (
        <section className="empty failed" role="alert">
          <h2>{title} could not be shown</h2>
          <p className="selectable">{fault.message}</p>
          <p>The other views work as before. What trains goes on in a process of its own, and nothing that was saved is touched.</p>
          <div className="choices">
            <Button onClick={again}>Reload this view</Button>
            <Button variant="default" onClick={() => copyDetails(fault)}>Copy details</Button>
          </div>
        </section>
      )}
    >
      {children}
    </Guard>
  )
}

/** A part of a view, such as a chart, without which the rest of the view is still of use. */
export function GuardedPart({ name, resetKey, children }: { readonly name: string; readonly resetKey?: unknown; readonly children: ReactNode }) {
  return (
    <Guard
      where={name} resetKey={resetKey}
      fallback={(fault, again) => (
        <div className="failed-part" role="alert">
          <p><strong>{name} could not be shown.</strong> <span className="selectable">{fault.message}</span></p>
          <button type="button" className="link" onClick={again}>Try again</button>
          <button type="button" className="link" onClick={() => copyDetails(fault)}>Copy details</button>
        </div>
      )}
    >
      {children}
    </Guard>
  )
}

/** What lies over the window and can be put away, such as a drawer: a failure closes it and is said in a corner. */
export const GuardedLayer = ({ name, resetKey, close, children }: { readonly name: string; readonly resetKey: unknown; readonly close: () => void; readonly children: ReactNode }) => (
  <Guard where={name} resetKey={resetKey} fallback={() => null} onFault={(error, place) => { tellFault(name, error, place); close() }}>{children}</Guard>
)

/** The whole page, for a failure outside of every other guard. What it shows needs no component: those may be what failed. */
export const GuardedPage = ({ children }: { readonly children: ReactNode }) => (
  <Guard
    where="The window"
    fallback={(fault) => (
      <section className="empty failed" role="alert">
        <h2>The window could not be shown</h2>
        <p className="selectable">{fault.message}</p>
        <p>What trains goes on in a process of its own, and nothing that was saved is touched.</p>
        <div className="choices">
          <button type="button" onClick={() => location.reload()}>Reload the window</button>
          <button type="button" onClick={() => copyDetails(fault)}>Copy details</button>
        </div>
      </section>
    )}
  >
    {children}
  </Guard>
)
