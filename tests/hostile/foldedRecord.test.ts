import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { openLibrary } from '../../main/library/library'
import { runFolders } from '../../main/library/runFolder'
import { diskFs } from '../../main/files/fs'
import { advanced, at, epochEnded, killedWhileTraining, log, moment, started } from '../support/history'
import { onePoint } from '../support/fakeTraining'

const most = Number.MAX_SAFE_INTEGER
const odd: readonly (readonly [string, TrainEvent])[] = [
  ['an extension to more epochs than a run can have', { type: 'extended', at, epochs: most }],
  ['an extension to no epochs', { type: 'extended', at, epochs: -4 }],
  ['seconds below 0', { type: 'advanced', points: { ...onePoint(moment(9)), seconds: [-1] } }],
  ['more images than can be counted', { type: 'advanced', points: { ...onePoint(moment(9)), batchSize: [most] } }],
]

describe('a log of somebody else with', () => {
  it.each(odd)('%s leaves a record that can be read again, and the run in the list', async (_, event) => {
    const { folder, id } = await killedWhileTraining(started(), epochEnded(1), advanced(5), event)
    for (const isStarred of [true, false]) {
      const library = await openLibrary(folder)
      expect(library.run(id)).toMatchObject({ status: 'interrupted', epochs: [{ epoch: 1 }], starred: !isStarred })
      await library.annotate(id, { starred: isStarred })
      await library.close()
      expect(await runFolders(folder, diskFs).read(id)).toMatchObject({ starred: isStarred })
    }
  })

  it.each(odd)('%s, at the end of one at rest, takes nothing of the run away', async (_, event) => {
    const { folder, id } = await killedWhileTraining(started(), epochEnded(1), {
      type: 'paused',
      at,
      moment: moment(4),
      cause: '',
    })
    await (await openLibrary(folder)).close()
    log(folder, id, event)
    for (const isStarred of [true, false]) {
      const library = await openLibrary(folder)
      await library.annotate(id, { starred: isStarred })
      await library.close()
      expect(await runFolders(folder, diskFs).read(id)).toMatchObject({
        starred: isStarred,
        status: 'paused',
        epochs: [{ epoch: 1 }],
      })
      expect(readFileSync(join(folder, 'library.json'), 'utf8')).toContain(id)
    }
  })
})
