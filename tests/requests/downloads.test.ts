import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PublishedData } from '../../content/publishedData'
import { createDownloads } from '../../main/requests/downloads'
import type { Question } from '../../main/requests/dialogs'
import { RequestError } from '../../main/requests/requestError'
import { published, serve, someBytes } from '../data/fileServer'
import { temporaryFolder } from '../support/fakeTraining'

const bytes = someBytes(50_000)
const set = (address: string): PublishedData => ({
  name: 'small',
  title: 'Small',
  holds: '',
  source: 'cifar10',
  files: [published(bytes, 'small.tar.gz')],
  addresses: [address],
  makers: '',
  terms: '',
  cite: '',
  page: '',
})

const nobody = (): Promise<boolean> => Promise.reject(new Error('nobody was to be asked'))

describe("the window's downloads", () => {
  it('go into the library unless a folder was chosen, and answer with the path to train on', async () => {
    const library = temporaryFolder()
    const server = await serve((send) => {
      send.file(bytes)
    })
    const downloads = createDownloads(library, { confirm: nobody, sets: [set(server.base)] })
    const path = join(library, 'datasets', 'small', 'small.tar.gz')
    expect(await downloads.start({ name: 'small', folder: null, from: null })).toBe(path)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    const other = temporaryFolder()
    downloads.allow(other)
    expect(await downloads.start({ name: 'small', folder: other, from: server.base })).toBe(join(other, 'small.tar.gz'))
    expect(server.requests.map((request) => request.path)).toEqual(['/small.tar.gz', '/small.tar.gz'])
  })

  it('come from no address that is not published, unless a person confirms that very one', async () => {
    const server = await serve((send) => {
      send.status(404)
    })
    const asked: Question[] = []
    let answer = false
    const other: PublishedData = { ...set(server.base), name: 'other', title: 'Other' }
    const downloads = createDownloads(temporaryFolder(), {
      confirm: async (question) => {
        asked.push(question)
        return answer
      },
      sets: [set(server.base), other],
    })
    const start = (from: string, name = 'small'): Promise<string> =>
      downloads.start({ name, folder: null, from }).then(
        () => '',
        (error: unknown) => String(error),
      )
    const { host } = new URL(server.base)
    const leak = `${server.base}leak/?what=secret#part`
    expect(await start(leak)).toContain(`Nothing was fetched from ${host}, because it was not confirmed`)
    expect(asked).toEqual([
      {
        message: `Download Small from ${host}?`,
        detail: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/leak\/\?what=secret#part\n/),
        yes: 'Download',
      },
    ])
    // What nobody could read through is not even asked about.
    expect(await start(`${server.base}${'x'.repeat(500)}`)).toContain('at most 500 characters')
    expect(await start('http://user:secret@127.0.0.1/')).toContain('holds a name or password')
    expect([asked.length, server.requests.length]).toEqual([1, 0])
    answer = true
    expect(await start(leak)).toContain('answers with status 404')
    expect(await start(leak)).toContain('answers with status 404')
    expect([asked.length, server.requests.length]).toEqual([2, 2])
    // The confirmed one only, and for its data set only.
    answer = false
    expect(await start(`${server.base}leak/?what=secret2`)).toContain('not confirmed')
    expect(await start(leak, 'other')).toContain('not confirmed')
    expect(server.requests.length).toBe(2)
  })

  it('go into no folder that the page makes up, and hold no data set that is not published', async () => {
    const [library, other] = [temporaryFolder(), temporaryFolder()]
    const server = await serve((send) => {
      send.file(bytes)
    })
    const downloads = createDownloads(library, { confirm: nobody, sets: [set(server.base)] })
    await expect(downloads.start({ name: 'small', folder: other, from: null })).rejects.toThrow(
      'Choose the folder with Folder…',
    )
    await expect(downloads.start({ name: '../small', folder: null, from: null })).rejects.toThrow(
      'There is no data set “../small” to download',
    )
    await expect(downloads.start({ name: 'small', folder: null, from: 'file:///etc/' })).rejects.toBeInstanceOf(
      RequestError,
    )
    expect([server.requests.length, readdirSync(other), readdirSync(library)]).toEqual([0, [], []])
  })

  it('run one at a time, say how far they are, stop when asked to and begin again', async () => {
    const server = await serve((send, number) => {
      send.file(bytes, number === 0 ? { stallAfter: 20_000 } : {})
    })
    const downloads = createDownloads(temporaryFolder(), { confirm: nobody, sets: [set(server.base)] })
    const first = downloads.start({ name: 'small', folder: null, from: null })
    await expect(downloads.start({ name: 'small', folder: null, from: null })).rejects.toThrow(
      'small is being downloaded',
    )
    await expect
      .poll(() => downloads.state())
      .toEqual({ name: 'small', file: 'small.tar.gz', done: 20_000, total: 50_000, note: '' })
    downloads.stop()
    await expect(first).rejects.toThrow(/stopped; what is here is kept/)
    expect(downloads.state()).toBeNull()
    await downloads.start({ name: 'small', folder: null, from: null })
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=20000-'])
  })

  it('tell what went wrong as a refusal, not as a fault of the program', async () => {
    const server = await serve((send) => {
      send.status(404)
    })
    const error: unknown = await createDownloads(temporaryFolder(), { confirm: nobody, sets: [set(server.base)] })
      .start({ name: 'small', folder: null, from: null })
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RequestError)
    expect((error as RequestError).message).toContain('answers with status 404')
  })
})
