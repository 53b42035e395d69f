import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join, sep } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Run } from '../../core/run'
import { redAndBlue, write } from '../data/making'
import { batchlab, json, start, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const images = (count: number): Record<string, Buffer> => ({
  ...redAndBlue(count, 'train/'),
  ...redAndBlue(6, 'test/'),
})
const settings = [
  '--set',
  'data.source.type=folder',
  '--set',
  'network.type=mlp',
  '--set',
  'network.hidden=[4]',
  '--set',
  'batchSize=4',
  '--set',
  'engine.backend=cpu',
]

/** Everything of a run on disk. */
const bytesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'base64')]),
  )

const record = (library: string, run = 'moved'): Promise<Run> => json<Run>('show', run, '--dir', library)

describe('a run whose data was moved', () => {
  const home = temporaryFolder()
  const library = join(home, 'library')
  const at = (name: string): string => join(home, name)
  let run: Run

  // Begun with a relative path, paused by Ctrl-C.
  beforeAll(async () => {
    write(at('first'), images(24))
    const training = start(
      [
        'train',
        ...settings,
        '--set',
        'data.source.path=first',
        '--set',
        'epochs=100000',
        '--set',
        'name=moved',
        '--json',
        '--dir',
        library,
      ],
      { cwd: home },
    )
    await training.event('epochEnded')
    training.child.kill('SIGINT')
    expect((await training.done).code).toBe(130)
    run = await record(library)
  })

  it('keeps the full path of a relative one', () => {
    expect(run).toMatchObject({ status: 'paused', config: { data: { source: { path: at('first') } } } })
  })

  it('is measured on its own images from any working directory', async () => {
    mkdirSync(at('elsewhere'))
    write(at(`elsewhere${sep}first`), images(12))
    const from = async (cwd: string): Promise<unknown> =>
      JSON.parse((await batchlab(['evaluate', 'moved/last', '--dir', library, '--json'], { cwd })).stdout)
    expect(await from(at('elsewhere'))).toEqual(await from(home))
  })

  it('stays paused, with every byte as it was, while its data is missing or another', async () => {
    renameSync(at('first'), at('second'))
    const before = bytesOf(join(library, 'runs'))
    write(at('other'), images(20))
    for (const [args, message] of [
      [[], /first: there is no such file or folder[^]*batchlab resume moved --data PATH/],
      [['--epochs', '100001'], /first: there is no such file or folder/],
      [['--data', at('other')], /other: the images are not those that the run was trained on/],
      [['--data', at('other'), '--epochs', '100001'], /other: the images are not those/],
      [['--data', 'second', '--set', `data.source.path=${at('other')}`], /Say once where the data is now/],
      [['--set', 'batchSize=8'], /only data\.source\.path can be changed here/],
    ] as const) {
      const { code, stderr, stdout } = await batchlab(['resume', 'moved', ...args, '--dir', library])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(message)
    }
    expect(bytesOf(join(library, 'runs'))).toEqual(before)
    expect((await record(library)).status).toBe('paused')
  })

  it('goes on where it is told that its data is, and evaluate, show and fork know the place', async () => {
    const training = start(['resume', 'moved', '--data', 'second', '--json', '--dir', library], { cwd: home })
    await training.event('epochEnded')
    training.child.kill('SIGINT')
    expect((await training.done).code).toBe(130)
    const now = await record(library)
    expect(now.moment.update).toBeGreaterThan(run.moment.update)
    expect(now.config.data.source).toMatchObject({ path: at('second') })
    expect((await batchlab(['show', 'moved', '--dir', library])).stdout).toContain(
      `The data is at ${at('second')} now (it was at ${at('first')}): it has the fingerprint`,
    )
    // `last` was saved since the move; a checkpoint from before it names the old place, and its run the new one.
    const { code } = await batchlab(['evaluate', 'moved/last', '--dir', library])
    expect(code).toBe(0)
    const fork = await batchlab([
      'fork',
      'moved',
      '--from',
      'last',
      '--set',
      `epochs=${now.moment.epoch + 2}`,
      '--set',
      'name=forked',
      '--dir',
      library,
    ])
    expect(fork.code).toBe(0)
    expect(await record(library, 'forked')).toMatchObject({
      status: 'finished',
      config: { data: { source: { path: at('second') } } },
    })
  })

  it('is extended at a new place, and stays finished while that is not said', async () => {
    renameSync(at('second'), at('third'))
    const before = await record(library, 'forked')
    const refused = await batchlab(['resume', 'forked', '--epochs', String(before.config.epochs + 1), '--dir', library])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(await record(library, 'forked')).toEqual(before)
    const { code } = await batchlab([
      'resume',
      'forked',
      '--epochs',
      String(before.config.epochs + 1),
      '--set',
      `data.source.path=${at('third')}`,
      '--dir',
      library,
    ])
    expect(code).toBe(0)
    expect(await record(library, 'forked')).toMatchObject({
      status: 'finished',
      moment: { epoch: before.config.epochs + 1 },
      config: { data: { source: { path: at('third') } } },
    })
    // Every checkpoint of this run but the new ones was saved with the old place in it.
    const old = (await record(library, 'forked')).checkpoints.find(({ moment }) => moment.epoch <= before.config.epochs)
    if (old !== undefined) expect((await batchlab(['evaluate', `forked/${old.name}`, '--dir', library])).code).toBe(0)
  })
})

describe('a path of data', () => {
  it('is found from the working directory, in a config file that lies elsewhere too, and ~ is the home folder', async () => {
    const home = temporaryFolder()
    write(join(home, 'images'), images(8))
    write(join(home, 'configs'), {
      'one.json': Buffer.from(JSON.stringify({ data: { source: { type: 'folder', path: 'images' } }, batchSize: 4 })),
    })
    const dry = async (args: readonly string[], options: Parameters<typeof batchlab>[1]): Promise<string> => {
      const { stdout, stderr } = await batchlab(
        ['sweep', ...args, '--dry-run', '--json', '--dir', join(home, 'library')],
        options,
      )
      if (stdout === '') throw new Error(stderr)
      return (JSON.parse(stdout) as { data: { source: { path: string } } }[]).map(({ data }) => data.source.path).join()
    }
    expect(await dry(['configs/one.json'], { cwd: home })).toBe(join(home, 'images'))
    expect(
      await dry(['-'], {
        cwd: home,
        input: JSON.stringify({ data: { source: { type: 'folder', path: './images' } }, batchSize: 4 }),
      }),
    ).toBe(join(home, 'images'))
    expect(
      await dry(['configs/one.json', '--grid', 'data.source.path=images,~/images'], { cwd: home, env: { HOME: home } }),
    ).toBe(`${join(home, 'images')},${join(home, 'images')}`)
    expect(
      (await batchlab(['data', 'import', 'folder', 'images', '--dir', join(home, 'library')], { cwd: home })).code,
    ).toBe(0)
    expect(
      (
        await batchlab(['data', 'import', 'folder', '~/images', '--dir', join(home, 'library')], {
          cwd: join(home, 'configs'),
          env: { HOME: home },
        })
      ).code,
    ).toBe(0)
    expect(readdirSync(join(home, 'library', 'cache')).filter((name) => name.endsWith('.pack'))).toHaveLength(1)
  })
})
