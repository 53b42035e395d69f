import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isBuilt } from '../../scripts/setup/build.mjs'
import { removeFolder } from '../support/cleanup'

describe('what is built', () => {
  let project: string
  // Seconds since 1970: far enough apart for every file system.
  const write = (name: string, time: number) => {
    const file = path.join(project, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, '')
    utimesSync(file, time, time)
    if (!name.startsWith('out/'))
      for (let folder = path.dirname(file); folder !== project; folder = path.dirname(folder))
        utimesSync(folder, time, time)
  }
  const outputs = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.js', 'out/renderer/index.html']

  beforeEach(() => {
    project = mkdtempSync(path.join(tmpdir(), 'batchlab-build-'))
    write('core/deep/plan.ts', 1000)
    for (const name of outputs) write(name, 2000)
  })
  afterEach(() => removeFolder(project))

  it('is current while every output is as new as every source', () => {
    expect(isBuilt(project)).toBe(true)
  })

  it('is out of date when a source deep down changes', () => {
    write('core/deep/plan.ts', 3000)
    expect(isBuilt(project)).toBe(false)
  })

  it('is out of date when a source is removed', () => {
    rmSync(path.join(project, 'core/deep/plan.ts'))
    expect(isBuilt(project)).toBe(false)
  })

  it('is not built while an output is missing', () => {
    rmSync(path.join(project, 'out/preload/index.js'))
    expect(isBuilt(project)).toBe(false)
  })
})
