// A real process that trains, into which the injector was loaded. It gets a list of runs on its standard input, trains
// one after the other, each with its fault, and says every event as a line of JSON on standard output, as a trainer
// tells its app.
import { text } from 'node:stream/consumers'
import type { RunConfig } from '../../core/config/config'
import type { TrainEvent } from '../../core/events'
import { arm, type Injection } from './faults'
import { trainAttempt, told } from './attempt'

export interface Task {
  readonly config: RunConfig
  readonly folder: string
  readonly saveAt: number
  readonly injection: Injection
}

export interface Work {
  readonly tasks: readonly Task[]
  readonly cache: string
  readonly resources: string
}

/** What the process says: what happened, what a job failed with, and that a task is over. */
export type Said = { readonly task: number } & (
  { readonly event: TrainEvent } | { readonly failed: string } | { readonly isOver: true }
)

const say = (said: Said): void => {
  process.stdout.write(`${JSON.stringify(said)}\n`)
}

async function main(): Promise<void> {
  const { tasks, cache, resources } = JSON.parse(await text(process.stdin)) as Work
  for (const [task, { injection, ...run }] of tasks.entries()) {
    const { run: record } = await told(run.config, run.folder)
    arm(run.folder, injection)
    await trainAttempt(record, { ...run, cache, resources, onEvent: (event) => say({ task, event }) }).catch(
      (error: unknown) => say({ task, failed: error instanceof Error ? error.message : String(error) }),
    )
    arm('/nowhere', { fault: 'none', call: 0, times: 0 })
    say({ task, isOver: true })
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
