import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archiveEntries } from '../../main/data/archive'
import { archiveLimits, type ArchiveLimits } from '../../main/data/archiveEntry'
import { newFolder, refusal, tar } from './making'

async function namesIn(file: string, limits: ArchiveLimits): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of archiveEntries(file, limits)) names.push(name)
  return names
}

describe('an archive', () => {
  const three = async (gzip: boolean) =>
    await tar(
      join(newFolder(), 'a.tar'),
      ['a', 'b', 'c'].map((name) => ({ header: { name }, bytes: Buffer.alloc(2000, name) })),
      gzip,
    )

  it('is gone through entry by entry, compressed or not', async () => {
    for (const gzip of [true, false]) expect(await namesIn(await three(gzip), archiveLimits)).toEqual(['a', 'b', 'c'])
  })

  it('with too many entries or bytes is refused', async () => {
    expect(await namesIn(await three(true), { ...archiveLimits, entries: 3 })).toHaveLength(3)
    await expect(namesIn(await three(true), { ...archiveLimits, entries: 2 })).rejects.toThrow(
      'expected at most 2 entries, found more',
    )
    await expect(namesIn(await three(true), { ...archiveLimits, bytes: 4000 })).rejects.toThrow(
      /unpacks to too much: expected at most 4000 bytes, found \d+ bytes from \d+/,
    )
  })

  it('that swells like a bomb is refused on the way, at a bounded cost', async () => {
    const file = await tar(join(newFolder(), 'bomb.tar.gz'), [
      { header: { name: 'red/0.png' }, bytes: Buffer.alloc(160 * 1024 ** 2) },
    ])
    const before = process.memoryUsage().rss
    expect(await refusal({ source: { type: 'folder', path: file, skipBroken: true } })).toMatch(
      /unpacks to too much: expected at most 200 bytes for each compressed byte/,
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 ** 2)
  })
})
