import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BenchReport } from '../../bench/report'
import { testedEngines } from '../trainer/tensorflow'
import { batchlab, start, temporaryFolder } from './built'

const engine = testedEngines.find((one) => one === 'tensorflow') ?? 'cpu'
const tiny = ['bench', '--network', 'conv4', '--batch', '2', '--engine', engine, '--rounds', '1', '--seconds', '0.05']

/** A program that looks like a Python: it answers the question for torch, and then does as `work` says. */
function pretendedPython(work: string, probe = 'console.log(JSON.stringify({ version: "0.0" }))'): string {
  const file = join(temporaryFolder(), 'python')
  writeFileSync(file, `#!${process.execPath}\nif (process.argv.length <= 4) { ${probe} } else { ${work} }\n`)
  chmodSync(file, 0o755)
  return file
}

const worker = `
  console.log(JSON.stringify({ version: '0.0', layout: 'channels last' }))
  require('node:readline').createInterface(process.stdin).on('line', (line) => console.log(JSON.stringify({ seconds: 0.001 * JSON.parse(line).updates })))`

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const onUnix = it.skipIf(process.platform === 'win32')

describe('batchlab bench', () => {
  it('measures one case and says with what', async () => {
    const out = join(temporaryFolder(), 'bench.json')
    const { code, stdout, stderr } = await batchlab([...tiny, '--json', '--out', out])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('This takes about') as string })
    const report = JSON.parse(stdout) as BenchReport
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(report)
    expect(report).toMatchObject({
      cpu: expect.any(String) as string,
      cores: expect.any(Number) as number,
      versions: { node: process.versions.node, tfjs: expect.any(String) as string },
      skipped: [],
    })
    const [only, ...others] = report.cases
    expect(others).toEqual([])
    expect(only).toMatchObject({ network: 'conv4', batchSize: 2, failures: [] })
    expect([only?.loadBefore.length, only?.loadAfter.length]).toEqual([3, 3])
    expect(only?.standings.map(({ name }) => name)).toEqual(
      engine === 'tensorflow' ? ['tensorflow captured', 'tensorflow eager'] : ['cpu eager'],
    )
    for (const { speeds, imagesPerSecond, best } of only?.standings ?? []) {
      expect(speeds).toEqual([imagesPerSecond])
      expect(best).toBe(imagesPerSecond)
      expect(imagesPerSecond).toBeGreaterThan(0)
    }
    if (engine === 'tensorflow')
      expect(only?.ratios.capturedToEager).toBe(
        (only?.standings[0]?.imagesPerSecond ?? NaN) / (only?.standings[1]?.imagesPerSecond ?? NaN),
      )
  }, 60_000)

  it("measures what the store costs, with the trainer's own code", async () => {
    const { code, stdout } = await batchlab(['bench', '--what', 'store', '--engine', engine, '--json'])
    expect(code).toBe(0)
    const { cases, skipped, measurements } = JSON.parse(stdout) as BenchReport
    expect({ cases, skipped, names: Object.keys(measurements) }).toEqual({ cases: [], skipped: [], names: ['store'] })
    expect(measurements.store).toMatchObject({ runs: 100, checkpoint: { network: 'resnet20', parameters: 269_722 } })
    // Weights and a momentum buffer each, running statistics and a header.
    expect(measurements.store?.checkpoint.bytes).toBeGreaterThan(8 * 269_722)
    for (const figure of [
      measurements.store?.appendUs,
      measurements.store?.syncMs,
      measurements.store?.libraryChangeMs,
      measurements.store?.checkpoint.readMs,
      measurements.store?.checkpoint.stoppedMs,
    ])
      expect(figure).toBeGreaterThan(0)
  }, 60_000)

  it('says what an engine cannot be measured for', async () => {
    const { code, stdout } = await batchlab(['bench', '--what', 'capture', '--engine', 'cpu'])
    expect(stdout).toContain('capture: could not be measured: The engine cpu has no captured step')
    expect(code).toBe(1)
  }, 60_000)

  onUnix(
    'sets PyTorch beside, in a process that ends with the command',
    async () => {
      const pids = join(temporaryFolder(), 'pids')
      const python = pretendedPython(
        `require('node:fs').appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); ${worker}`,
      )
      const { code, stdout } = await batchlab([
        ...tiny,
        '--mode',
        'eager',
        '--updates',
        '2',
        '--threads',
        '2',
        '--python',
        python,
      ])
      expect(code).toBe(0)
      expect(stdout).toMatch(/\npytorch|pytorch\n/)
      expect(stdout).toContain('torch 0.0')
      // Two updates of two images in 2 ms.
      expect(stdout).toMatch(/^conv4 .* 2,000$/m)
      const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)
      expect(started).toHaveLength(3)
      await expect.poll(() => started.filter(isAlive), { timeout: 5000 }).toEqual([])
    },
    60_000,
  )

  onUnix(
    'says in a sentence that a Python has no torch, and measures the rest',
    async () => {
      const python = pretendedPython(
        '',
        `console.error("Traceback\\nModuleNotFoundError: No module named 'torch'"); process.exit(1)`,
      )
      const { code, stdout, stderr } = await batchlab([
        ...tiny,
        '--mode',
        'eager',
        '--updates',
        '1',
        '--python',
        python,
      ])
      expect(stderr).toContain(`PyTorch is left out: ${python} has no torch.`)
      expect(stderr).not.toContain('Traceback')
      expect(stdout).toContain('conv4')
      expect(code).toBe(0)
    },
    60_000,
  )

  onUnix(
    'reports who fails, and measures the rest',
    async () => {
      const python = pretendedPython('console.error("out of memory"); process.exit(3)')
      const { code, stdout } = await batchlab([...tiny, '--mode', 'eager', '--updates', '1', '--python', python])
      expect(stdout).toContain('conv4 at batch 2: pytorch could not be measured: it ended with code 3: out of memory')
      expect(stdout).toMatch(/^conv4 +2 +\S+ +–$/m)
      expect(code).toBe(1)
    },
    60_000,
  )

  onUnix(
    'leaves no process behind when it is interrupted',
    async () => {
      const mark = join(temporaryFolder(), 'pid')
      const python = pretendedPython(
        `require('node:fs').writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000)`,
      )
      const { child, done } = start([...tiny, '--mode', 'eager', '--updates', '1', '--python', python])
      await expect.poll(() => existsSync(mark), { timeout: 30_000, interval: 50 }).toBe(true)
      child.kill('SIGINT')
      expect((await done).code).toBe(130)
      const pid = Number(readFileSync(mark, 'utf8'))
      await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
    },
    60_000,
  )
})
