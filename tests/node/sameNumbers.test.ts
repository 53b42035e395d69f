import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { compareTrainings } from '../../main/cli/resumeComparison'
import { openLibrary } from '../../main/library/library'
import { cliFile, temporaryFolder } from '../cli/built'

// These run on the Node that a current Electron carries; BATCHLAB_OTHER_NODE is the one that runs all other tests.
const nodes = [process.execPath, process.env['BATCHLAB_OTHER_NODE'] ?? '']

interface Demo {
  readonly run: string
  readonly testAccuracy: number
  readonly engine: string
}

const ran = (
  node: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> =>
  new Promise((done, fail) => {
    const child = spawn(node, [cliFile, ...args], { env: { ...process.env, NODE_OPTIONS: '' } })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', fail)
    child.once('close', (code) => {
      done({ code, stdout, stderr })
    })
  })

async function demo(node: string): Promise<{ readonly library: string; readonly run: Run; readonly told: Demo }> {
  const library = resolve(temporaryFolder())
  const { code, stdout, stderr } = await ran(node, ['demo', '--json', '--dir', library])
  expect(stderr).not.toContain('DeprecationWarning')
  if (code !== 0) throw new Error(`The demo ended with ${String(code)} on ${node}: ${stderr}`)
  const told = JSON.parse(stdout) as Demo
  const opened = await openLibrary(library, { readOnly: true })
  const run = await opened.readRun(told.run)
  await opened.close()
  return { library, run, told }
}

describe('the Node of a current Electron', () => {
  it('is another one than that of the other tests', async () => {
    const versions = await Promise.all(
      nodes.map(async (node) =>
        (await ran(node, ['--version'])).code === 0 ? node : `${node} does not start the command line`,
      ),
    )
    expect(versions).toEqual(nodes)
    expect(nodes[0]).not.toBe(nodes[1])
  })

  it('plans every update of the demo with the same numbers', async () => {
    const plans = await Promise.all(nodes.map((node) => ran(node, ['plan', '--preset', 'demo', '--json'])))
    expect(plans.map(({ code }) => code)).toEqual([0, 0])
    expect(plans[0]?.stdout.length).toBeGreaterThan(1000)
    expect(plans[0]?.stdout).toBe(plans[1]?.stdout)
  })

  it('trains the demo to the same accuracy, with the same bits in every number and weight', async () => {
    const [one, other] = [await demo(nodes[0]!), await demo(nodes[1]!)]
    expect(one.told.engine).toBe(other.told.engine)
    expect(one.told.testAccuracy).toBe(other.told.testAccuracy)
    expect(one.told.testAccuracy).toBeGreaterThan(0.98)
    const { trace, epochs, weights, total } = await compareTrainings(one, other)
    for (const { numbers } of [trace, epochs, weights]) expect(numbers).toBeGreaterThan(50)
    expect(total.differing).toBe(0)
  }, 240_000)
})
