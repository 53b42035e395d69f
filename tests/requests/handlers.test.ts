import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inputs, type AppEvent, type Handlers, type RequestName } from '../../core/protocol'
import type { Run } from '../../core/run'
import { createRunQueue } from '../../main/queue/runQueue'
import type { Dialogs } from '../../main/requests/dialogs'
import { createHandlers, fileNameFrom } from '../../main/requests/handlers'
import { fakeHost } from '../support/fakeHost'
import { openLibrary } from '../../main/library/library'
import { configOf, fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'

async function open(dialogs: Partial<Dialogs> = {}, platform = 'linux') {
  const library = await openLibrary(temporaryFolder())
  const queue = createRunQueue({ library, host: fakeHost(fakeTraining()), folders: { cache: '', resources: '' } })
  const opened: string[] = []
  const nobody = async (): Promise<null> => null
  const handlers = createHandlers({
    library,
    queue,
    dialogs: { chooseFolder: nobody, chooseFile: nobody, saveFile: nobody, confirm: async () => false, ...dialogs },
    app: {
      version: '1.2.3',
      versions: { node: '20' },
      platform,
      openDocs: async (what) => {
        opened.push(what)
      },
      openAddress: async (address) => {
        opened.push(address)
      },
      noteFault: ({ where }) => {
        opened.push(where)
      },
      enableMenu: (state) => {
        opened.push(JSON.stringify(state))
      },
    },
  })
  return { library, queue, handlers, opened }
}

const listOf = async (handlers: Handlers): Promise<readonly Run[]> =>
  JSON.parse(await handlers['runs.list'](null)) as readonly Run[]

describe('the handlers', () => {
  it('answer every request of the protocol and no other', async () => {
    const { handlers, library } = await open()
    expect(Object.keys(handlers).sort()).toEqual((Object.keys(inputs) as RequestName[]).sort())
    await library.close()
  })

  it('tell the state of the app', async () => {
    const { handlers, library, opened } = await open()
    expect(await handlers['app.state'](null)).toEqual({
      version: '1.2.3',
      versions: { node: '20' },
      platform: 'linux',
      library: library.folder,
      readOnly: '',
      notices: [],
      settings: library.settings(),
    })
    expect(await handlers['settings.change'](inputs['settings.change'].parse({ theme: 'dark' }))).toMatchObject({
      theme: 'dark',
      smoothing: 0.6,
    })
    expect(await handlers['settings.change'](inputs['settings.change'].parse({ draft: { epochs: 3 } }))).toMatchObject({
      theme: 'dark',
      draft: { epochs: 3 },
    })
    await handlers['app.openDocs']('readme')
    expect(opened).toEqual(['readme'])
    await library.close()
  })

  it('look on no other computer that the page names, only on one that a person chose', async () => {
    const share = String.raw`\\server.example\secret`
    const { handlers, library } = await open({ chooseFolder: async () => share }, 'win32')
    const config = {
      ...smallConfig('a'),
      data: { ...smallConfig('a').data, source: { type: 'cifar10' as const, path: share } },
    }
    const tries = (path: string): readonly (() => Promise<unknown>)[] => {
      const data = { ...config.data, source: { ...config.data.source, path } }
      return [
        () => handlers['data.inspect'](data),
        () => handlers['data.preview']({ data, seed: 0, split: 'train', indices: [], augment: false }),
        () => handlers['runs.start']({ config: { ...config, data }, weights: null }),
        () => handlers['runs.start']({ config: smallConfig('a'), weights: path }),
        () => handlers['runs.fork']({ id: '12345678', checkpoint: 'best', config: { ...config, data } }),
      ]
    }
    for (const path of [
      share,
      '//server.example/secret',
      String.raw`\\?\UNC\server.example\secret`,
      String.raw` \/server.example\x`,
    ]) {
      for (const ask of tries(path))
        await expect(ask()).rejects.toThrow('is on another computer: choose it with Folder…')
    }
    await handlers['data.choose']('folder')
    for (const ask of tries(share))
      expect(
        await ask().then(
          () => '',
          (error: unknown) => String(error),
        ),
      ).not.toContain('another computer')
    await library.close()
  })

  it('open the papers that the app cites, and no other address', async () => {
    const { handlers, library, opened } = await open()
    const cited = [
      'https://arxiv.org/abs/1706.02677',
      'https://proceedings.neurips.cc/paper/2019/hash/dc6a70712a252123c40d2adba6a11d84-Abstract.html',
      'https://arxiv.org/abs/2102.06171',
    ]
    for (const address of cited) await handlers['papers.open'](address)
    for (const address of [
      'https://example.com/',
      'http://arxiv.org/abs/1706.02677',
      'https://arxiv.org/abs/1706.02677#',
      'https://arxiv.org/abs/1706.02677/../..',
      'https://arxiv.org/abs/0000.00000',
      'file:///etc/passwd',
      'javascript:alert(1)',
      '',
      'constructor',
    ]) {
      await expect(handlers['papers.open'](address), address).rejects.toThrow('Only papers that the app itself cites')
    }
    expect(opened).toEqual(cited)
    await library.close()
  })

  it('take a run from its start into the trash and out of the world', async () => {
    const { handlers, library, queue } = await open()
    const id = await handlers['runs.start']({ config: smallConfig('a'), weights: null })
    await queue.settled(id)
    expect(await listOf(handlers)).toMatchObject([{ id, status: 'finished' }])
    expect(await handlers['runs.annotate']({ id, name: 'b', starred: true })).toMatchObject({
      name: 'b',
      starred: true,
      notes: '',
    })
    await expect(handlers['runs.pause'](id)).rejects.toThrow('“b” has ended')
    await handlers['runs.extend']({ id, epochs: 5, schedule: null })
    expect((await queue.settled(id)).moment.update).toBe(20)
    await handlers['runs.remove']([id])
    await handlers['runs.restore']([id])
    await expect(handlers['runs.purge']([id])).rejects.toThrow('is not in the trash')
    await handlers['runs.remove']([id])
    await handlers['runs.purge']([id])
    expect(await listOf(handlers)).toEqual([])
    await expect(handlers['runs.trace'](id)).rejects.toThrow(`There is no run ${id}`)
    await library.close()
  })

  it('show every epoch of a run whose trace is read, after the app was started again', async () => {
    const { handlers, library, queue } = await open()
    const id = await handlers['runs.start']({ config: smallConfig('a', 6), weights: null })
    await queue.settled(id)
    await library.close()
    const again = await openLibrary(library.folder)
    const secondDesk = createRunQueue({
      library: again,
      host: fakeHost(fakeTraining()),
      folders: { cache: '', resources: '' },
    })
    const second = createHandlers({
      library: again,
      queue: secondDesk,
      dialogs: {
        chooseFolder: async () => null,
        chooseFile: async () => null,
        saveFile: async () => null,
        confirm: async () => false,
      },
      app: {
        version: '',
        versions: {},
        platform: '',
        openDocs: async () => undefined,
        openAddress: async () => undefined,
        noteFault: () => undefined,
        enableMenu: () => undefined,
      },
    })
    const heard: AppEvent[] = []
    secondDesk.listen((event) => heard.push(event))
    expect((await listOf(second))[0]?.epochs.map(({ epoch }) => epoch)).toEqual([6])
    expect((await second['runs.trace'](id)).update).toHaveLength(24)
    expect(heard).toMatchObject([
      { type: 'runChanged', run: { id, epochs: [1, 2, 3, 4, 5, 6].map((epoch) => ({ epoch })) } },
    ])
    await again.close()
  })

  it('open a config that a person chose, and say what is wrong with it', async () => {
    const folder = temporaryFolder()
    let chosen: string | null = null
    const { handlers, library } = await open({ chooseFile: async () => chosen })
    expect(await handlers['configs.open'](null)).toBeNull()
    const file = (name: string, text: string): string => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    chosen = file('good.json', '{"name":"x","batchSize":32}')
    expect(await handlers['configs.open'](null)).toMatchObject({
      file: chosen,
      config: { name: 'x', batchSize: 32, epochs: 20 },
    })
    chosen = file('typo.json', '{"batchSise":32,"epochs":0}')
    await expect(handlers['configs.open'](null)).rejects.toMatchObject({
      issues: expect.arrayContaining([
        { path: '', message: 'unknown setting "batchSise"' },
        { path: 'epochs', message: 'must be at least 1, found 0' },
      ]) as unknown,
    })
    chosen = file('proto.json', '{"__proto__":{"polluted":true}}')
    await expect(handlers['configs.open'](null)).rejects.toThrow(/__proto__/)
    chosen = file('deep.json', '['.repeat(10_000))
    await expect(handlers['configs.open'](null)).rejects.toThrow(/levels/)
    chosen = file('big.json', ' '.repeat(2 ** 20 + 1))
    await expect(handlers['configs.open'](null)).rejects.toThrow(/larger than allowed/)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    await library.close()
  })

  it('save configs and figures where a person chose, under a harmless suggestion', async () => {
    const saved: { readonly name: string; readonly text: string }[] = []
    const { handlers, library } = await open({
      saveFile: async (name, filters, bytes) => {
        saved.push({ name, text: new TextDecoder().decode(bytes) })
        return `/chosen/${filters[0]?.extensions[0] ?? ''}`
      },
    })
    expect(await handlers['configs.save'](smallConfig('../../my/config'))).toBe('/chosen/json')
    expect(saved[0]?.name).toBe('my config.json')
    expect(JSON.parse(saved[0]?.text ?? '')).toEqual(smallConfig('../../my/config'))
    expect(
      await handlers['figures.save']({ name: 'CON', format: 'svg', bytes: new TextEncoder().encode('<svg/>') }),
    ).toBe('/chosen/svg')
    expect(saved[1]).toEqual({ name: 'batchlab.svg', text: '<svg/>' })
    await library.close()
  })

  it('ask where data that was moved is, and find data of an opened config from its folder', async () => {
    const folder = temporaryFolder()
    let [chosenFolder, chosenFile]: (string | null)[] = [null, null]
    const { handlers, library, queue } = await open({
      chooseFolder: async () => chosenFolder ?? null,
      chooseFile: async () => chosenFile ?? null,
    })
    const config = configOf({ ...smallConfig('moved'), data: { source: { type: 'idx', path: '/old' } } })
    const id = await handlers['runs.start']({ config, weights: null })
    await queue.settled(id)
    expect(await handlers['runs.locate']({ id, what: 'folder' })).toBeNull()
    expect(library.run(id).config.data.source).toMatchObject({ type: 'idx', path: '/old' })
    chosenFolder = '/new'
    expect(await handlers['runs.locate']({ id, what: 'folder' })).toBe('/new')
    expect(library.run(id).config.data.source).toMatchObject({ type: 'idx', path: '/new' })
    chosenFile = '/newer.tar.gz'
    expect(await handlers['runs.locate']({ id, what: 'file' })).toBe('/newer.tar.gz')
    chosenFile = join(folder, 'config.json')
    writeFileSync(chosenFile, JSON.stringify({ data: { source: { type: 'idx', path: '../images' } } }))
    expect((await handlers['configs.open'](null))?.config.data.source).toMatchObject({
      type: 'idx',
      path: join(folder, '..', 'images'),
    })
    await library.close()
  })

  it('pass on what a trainer answers and refuses', async () => {
    const { handlers, library, queue } = await open()
    expect((await handlers['data.inspect'](smallConfig().data)).info.counts.train).toBe(64)
    await expect(handlers['engines.probe'](null)).rejects.toThrow('the fake training cannot probe')
    const id = await handlers['runs.start']({ config: smallConfig(), weights: null })
    await expect(
      handlers['checkpoints.compare']({
        a: { run: id, checkpoint: 'nope' },
        b: { run: id, checkpoint: 'nope' },
        split: 'test',
        unseen: false,
      }),
    ).rejects.toThrow('has no checkpoint nope')
    await queue.settled(id)
    await library.close()
  })
})

describe('a suggested file name', () => {
  it.each([
    ['batch 128', 'batch 128.svg'],
    ['', 'batchlab.svg'],
    ['a/b\\c:d*e', 'a b c d e.svg'],
    ['...', 'batchlab.svg'],
    ['con', 'batchlab.svg'],
    ['LPT1', 'batchlab.svg'],
    ['name. ', 'name.svg'],
    ['\u202Egnp', 'gnp.svg'],
    ['a\0b', 'a b.svg'],
    ['ü ñ 字', 'ü ñ 字.svg'],
    ['x'.repeat(300), `${'x'.repeat(100)}.svg`],
  ])('of %j is %j', (name, expected) => expect(fileNameFrom(name, 'svg')).toBe(expected))
})
