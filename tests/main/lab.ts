import type { AppEvent } from '../../core/protocol'
import type { DeskClock } from '../../main/desk/clock'
import { createDesk, type Desk } from '../../main/desk/desk'
import { fakeHost, type FakeHost, type FakeTrainer } from '../../main/host/fakeHost'
import { openLibrary, type Library } from '../../main/library/library'
import { miniature, temporaryFolder } from './miniature'

export interface Lab {
  readonly library: Library
  readonly desk: Desk
  readonly host: FakeHost
  readonly events: AppEvent[]
  readonly folder: string
  readonly trainings: () => readonly FakeTrainer[]
}

/** A library and a desk in a folder of their own; the trainers are played. */
export async function openLab({
  script = miniature(),
  clock,
  folder = temporaryFolder(),
}: {
  readonly script?: (trainer: FakeTrainer) => void | Promise<void>
  readonly clock?: DeskClock
  readonly folder?: string
} = {}): Promise<Lab> {
  const library = await openLibrary(folder)
  const host = fakeHost(script)
  const desk = createDesk({
    library,
    host,
    folders: { cache: '', resources: '' },
    ...(clock !== undefined && { clock }),
  })
  const events: AppEvent[] = []
  desk.listen((event) => events.push(event))
  return {
    library,
    desk,
    host,
    events,
    folder,
    trainings: () => host.trainers.filter(({ job }) => job.type === 'train'),
  }
}

/** A pace that a test sets: trainings stand still until `go`. */
export function held(): { readonly pace: () => Promise<void>; readonly go: (updates: number) => void } {
  let allowed = 0
  const waiting: (() => void)[] = []
  return {
    pace: async () => {
      if (allowed > 0) allowed--
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    go: (updates) => {
      for (let i = 0; i < updates; i++) {
        const next = waiting.shift()
        if (next === undefined) allowed++
        else next()
      }
    },
  }
}

/** What a training was told to begin from. */
export const beginning = (trainer: FakeTrainer | undefined) =>
  trainer?.job.type === 'train' ? trainer.job.beginning : undefined
