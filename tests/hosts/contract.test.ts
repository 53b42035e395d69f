import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { hostContract } from './hostContract'
import { noElectron, startElectronHost } from './electronHost'
import type { ElectronHost } from './electronHost'

describe.skipIf(noElectron !== '')(`in a real Electron${noElectron === '' ? '' : ` (${noElectron})`}`, () => {
  let electron: Promise<ElectronHost> | undefined
  afterAll(async () => (await electron)?.close())

  hostContract(
    'utility',
    async () => (await (electron ??= startElectronHost(join(import.meta.dirname, 'contractThread.ts')))).host,
  )
})
