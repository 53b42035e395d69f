import { z } from 'zod'
import { openLog } from '../../main/files/eventLog'
import { writeSafetensors } from '../../main/files/safetensors'
import { openStore } from '../../main/files/store'

/** Saves counted states as fast as it can and says on stdout which are safe, until it is killed. */
const main = async (): Promise<void> => {
  const [folder = '', first = '0'] = process.argv.slice(2)
  const schema = z.strictObject({ count: z.number(), padding: z.string() })
  const store = await openStore(`${folder}/library.json`, {
    schema,
    format: 1,
    migrations: [],
    defaults: { count: 0, padding: '' },
    backupEveryMs: 20,
  })
  const log = await openLog(`${folder}/events.ndjson`)
  for (const notice of store.notices) process.stdout.write(`notice ${notice.message}\n`)
  process.stdout.write(`opened ${String(store.data.count)}\n`)
  for (let count = Number(first); ; count++) {
    log.append({ type: 'advanced', count })
    await log.flush()
    await writeSafetensors(
      `${folder}/last.safetensors`,
      new Map([['w', { dtype: 'F32', shape: [5000], data: new Float32Array(5000).fill(count) }]]),
      { count: String(count) },
    )
    await store.write({ count, padding: 'x'.repeat(1000 + (count % 7) * 5000) })
    process.stdout.write(`safe ${String(count)}\n`)
  }
}

void main()
