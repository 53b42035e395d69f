// The app without its window: a library, its queue and a trainer that really trains, in a process that can be killed.
// Requests come as lines of JSON on standard input, and answers and events leave as lines of JSON on standard output.
import { createInterface } from 'node:readline'
import { inputs, type AppEvent, type RequestName } from '../../core/protocol'
import { parseWith } from '../../core/config/parse'
import { createRunQueue } from '../../main/queue/runQueue'
import { createHandlers } from '../../main/requests/handlers'
import { nodeHost } from '../../main/hosts/nodeHost'
import { openLibrary } from '../../main/library/library'
import { issuesOf } from '../../main/requests/requestError'

/** What the test asks of the process itself, besides the window's requests. */
export type Ask =
  | { readonly id: number; readonly name: RequestName; readonly input: unknown }
  /** What the next dialog answers. */
  | { readonly id: number; readonly choose: string }
  /** Settles when no trainer is at work and nothing waits. */
  | { readonly id: number; readonly rest: true }
  | { readonly id: number; readonly quit: true }

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }
  | { readonly event: AppEvent }

const [folder = '', resources = '', trainerThread = ''] = process.argv.slice(2)
const say = (answer: Answer): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
const isBusy = (status: string): boolean => ['queued', 'starting', 'running', 'pausing', 'stopping'].includes(status)

async function main(): Promise<void> {
  const library = await openLibrary(folder)
  if (library.readOnly !== '') throw new Error(library.readOnly)
  const queue = createRunQueue({
    library,
    host: nodeHost(trainerThread),
    folders: { cache: `${folder}/cache`, resources },
  })
  let chosen: string | null = null
  const handlers = createHandlers({
    library,
    queue,
    dialogs: {
      chooseFolder: async () => chosen,
      chooseFile: async () => chosen,
      saveFile: async () => null,
      confirm: async () => false,
    },
    app: {
      version: 'test',
      versions: {},
      platform: process.platform,
      openDocs: async () => undefined,
      openAddress: async () => undefined,
      noteFault: () => undefined,
      enableMenu: () => undefined,
    },
  })
  queue.listen((event) => {
    say({ event })
  })

  async function perform(ask: Ask): Promise<unknown> {
    if ('choose' in ask) return (chosen = ask.choose)
    if ('rest' in ask) {
      for (;;) {
        const busy = library.runs().filter(({ status, removedAt }) => removedAt === null && isBusy(status))
        if (busy.length === 0) break
        await Promise.all(busy.map(async ({ id }) => await queue.settled(id)))
      }
      return await library.flush()
    }
    if ('quit' in ask) {
      await queue.shutDown({ pause: true })
      await library.close()
      return null
    }
    const parsed = parseWith(inputs[ask.name], ask.input)
    if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; '))
    return await (handlers[ask.name] as (input: unknown) => Promise<unknown>)(parsed.value)
  }

  createInterface({ input: process.stdin }).on('line', (line) => {
    const ask = JSON.parse(line) as Ask
    perform(ask)
      .then((value) => {
        say({ id: ask.id, ok: true, value: value ?? null })
      })
      .catch((error: unknown) => {
        say({
          id: ask.id,
          ok: false,
          message:
            issuesOf(error)
              ?.map(({ message }) => message)
              .join('; ') ?? String(error),
        })
      })
      .finally(() => {
        if ('quit' in ask) process.exit(0)
      })
  })
  say({ id: 0, ok: true, value: 'open' })
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
