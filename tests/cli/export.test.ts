import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Run, TracedRun } from '../../core/run'
import { batchlab, json, madeLibrary, temporaryFolder } from './built'
import { madeRun } from '../support/madeRun'

const folder = temporaryFolder()
const out = join(folder, 'out')
let runs: readonly Run[] = []
beforeAll(async () => {
  runs = await madeLibrary(join(folder, 'library'), [{ name: '../../evil/<script>' }, { name: 'two', batchSize: 20 }])
  mkdirSync(out)
})
const run = async (...args: readonly string[]) => await batchlab(['export', ...args, '--dir', join(folder, 'library')])

describe('batchlab export', () => {
  it('writes a trace as CSV that reads back as the trace', async () => {
    const { code, stdout } = await run(runs[0]!.id, '--format', 'csv', '--out', '-')
    const [names, ...lines] = stdout.trimEnd().split('\n')
    expect([code, names]).toEqual([0, 'update,loss,accuracy,learningRate,batchSize,gradientNorm,seconds,momentum'])
    const { trace } = madeRun()
    expect(lines.map((line) => line.split(',').map((cell) => (cell === '' ? null : Number(cell))))).toEqual(
      trace.update.map((update, i) => [
        update,
        trace.loss[i],
        trace.accuracy[i],
        trace.learningRate[i],
        trace.batchSize[i],
        trace.gradientNorm[i],
        trace.seconds[i],
        trace.momentum[i],
      ]),
    )
  })

  it('names files after ids, whatever a run is called', async () => {
    const { code, stdout } = await run(runs[0]!.id, 'two', '--format', 'csv', '--out', out, '--json')
    expect(code).toBe(0)
    const names = [
      `${runs[0]!.id}-epochs.csv`,
      `${runs[0]!.id}-trace.csv`,
      `${runs[1]!.id}-epochs.csv`,
      `${runs[1]!.id}-trace.csv`,
    ].sort()
    expect((JSON.parse(stdout) as string[]).sort()).toEqual(names.map((name) => join(out, name)))
    expect(readdirSync(out).sort()).toEqual(names)
    expect(readdirSync(folder).sort()).toEqual(['library', 'out'])
  })

  it('writes the second table beside a file that was named', async () => {
    const target = join(folder, 'out', 'mine.csv')
    expect((await run('two', '--out', target)).stdout).toBe(`${target}\n${join(folder, 'out', 'mine-epochs.csv')}\n`)
    expect(readFileSync(join(folder, 'out', 'mine-epochs.csv'), 'utf8').split('\n')).toHaveLength(5)
  })

  it('writes record and trace as JSON', async () => {
    const { stdout } = await run('two', '--format', 'json', '--out', '-')
    const one = JSON.parse(stdout) as TracedRun
    expect(one.run).toEqual(runs[1])
    expect(one.trace).toEqual(madeRun().trace)
    const both = JSON.parse((await run('two', runs[0]!.id, '--format', 'json', '--out', '-')).stdout) as TracedRun[]
    expect(both.map(({ run: { id } }) => id)).toEqual([runs[1]!.id, runs[0]!.id])
  })

  it('writes one page about several runs that needs nothing else', async () => {
    const file = join(out, 'report.html')
    expect((await run('two', runs[0]!.id, '--out', file)).code).toBe(0)
    const html = readFileSync(file, 'utf8')
    expect(html).not.toMatch(/https?:\/\/|<script|src=/)
    expect(html).toContain('../../evil/&lt;script&gt;')
    expect(html.match(/<svg /g)!.length).toBeGreaterThanOrEqual(4)
  })

  it.each([
    [['two'], /--format must be one of csv, json, html, svg, png, pdf, found nothing/],
    [['two', '--format', 'csv', '--out', '/no/such/folder/x.csv'], /--out: there is no folder \/no\/such\/folder/],
    [['two', 'two', '--format', 'svg', '--chart', 'lss'], /--chart must be one of loss, accuracy/],
    [['two', '--format', 'png', '--out', '-'], /figures are written to files/],
    [['three', '--format', 'csv'], /There is no run “three”/],
  ])('refuses %j', async (args, sentence) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(sentence)
  })

  it('lists the record of what it wrote on stdout and nothing else', async () => {
    expect(await json('export', 'two', '--format', 'json', '--out', out, '--dir', join(folder, 'library'))).toEqual([
      join(out, `${runs[1]!.id}.json`),
    ])
  })
})
