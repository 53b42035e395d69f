// A process that writes a library until it is killed; it says on its standard output what it was told is safe.
import { TrainEvent } from '../../core/events'
import { RunConfig } from '../../core/config/config'
import { openLibrary } from '../../main/library/library'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeLine } from '../../main/files/eventLine'

const [folder = '', seed = '0'] = process.argv.slice(2)
const say = (word: string, ...rest: readonly (string | number)[]): void => {
  process.stdout.write(`${[word, ...rest].join(' ')}\n`)
}

async function write(): Promise<void> {
  const library = await openLibrary(folder)
  if (library.readOnly !== '') throw new Error(library.readOnly)
  say('open')
  const moment = { update: 1, epoch: 0, position: 0, examples: 1, seconds: 1 }
  for (let n = 0; ; n++) {
    const { id } = await library.addRun(RunConfig.parse({ name: `${seed}-${n}` }), { type: 'new' }, null)
    say('added', id)
    await library.annotate(id, { notes: `note ${n}`, starred: true })
    say('noted', id, n)
    if (n % 2 === 0) {
      const ended = TrainEvent.parse({
        type: 'ended',
        at: new Date().toISOString(),
        moment,
        reason: 'finished',
        message: '',
      })
      appendFileSync(join(library.runFolder(id), 'events.ndjson'), encodeLine(ended))
      await library.record(id, ended)
      say('ended', id)
    } else {
      await library.append(id, { type: 'starting', at: new Date().toISOString() })
      say('starting', id)
    }
    if (n % 3 === 2) {
      await library.remove([id])
      say('removed', id)
      await library.purge([id])
      say('purged', id)
    }
  }
}

write().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
