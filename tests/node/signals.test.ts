import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { testedEngines } from '../trainer/tensorflow'
import { batchlab, json, start, temporaryFolder } from '../cli/built'

const engine = testedEngines[0]
const small = ['--set', `engine.backend=${engine}`, '--set', 'network.type=mlp', '--set', 'network.hidden=[16]']

describe('the command line on the Node of a current Electron', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'pauses with a checkpoint at %s, keeps others out meanwhile, and goes on',
    async (signal) => {
      const library = temporaryFolder()
      const training = start(['train', ...small, '--set', 'epochs=20000', '--json', '--dir', library])
      await training.event('advanced')
      const second = await batchlab(['train', ...small, '--set', 'epochs=1', '--json', '--dir', library])
      expect([1, 2]).toContain(second.code)
      expect(second.stderr).not.toBe('')
      training.child.kill(signal)
      const { code, stdout } = await training.done
      expect(code).toBe(130)
      expect(stdout).toContain('"type":"paused"')
      const [run] = await json<readonly Run[]>('list', '--dir', library)
      expect(run).toMatchObject({ status: 'paused' })
      expect(run?.checkpoints.length).toBeGreaterThan(0)
      const going = start(['resume', run?.id ?? '', '--json', '--dir', library])
      await going.event('advanced')
      going.child.kill(signal)
      expect((await going.done).code).toBe(130)
      const [after] = await json<readonly Run[]>('list', '--dir', library)
      expect(after?.moment.update).toBeGreaterThan(run?.moment.update ?? Infinity)
    },
    180_000,
  )

  it('goes on after a pause with the same bits', async () => {
    const { code, stdout, stderr } = await batchlab([
      'verify-resume',
      '--set',
      `engine.backend=${engine}`,
      '--set',
      'batchSize=16',
      '--set',
      'data.augmentation.pad=1',
      '--set',
      'networkOptions.dropout=0.2',
      '--epochs',
      '2',
      '--json',
    ])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ differingBits: 0, engine })
    expect(code).toBe(0)
  }, 180_000)
})
