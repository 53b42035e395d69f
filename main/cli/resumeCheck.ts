import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import type { Moment } from '../../core/moment'
import type { Run } from '../../core/run'
import { runCli } from './childProcess'
import { failed } from './failure'

/** A training done in processes of its own, as its last one told it. */
export interface Trained {
  readonly library: string
  readonly run: Run
}

/** One that was paused in the middle of an epoch and went on in another process. */
export interface Resumed extends Trained {
  readonly pausedAt: Moment
}

interface Line {
  readonly type: string
  readonly record?: Run
  readonly folder?: string
}

const parsed = (line: string): Line | null => {
  try {
    return JSON.parse(line) as Line
  } catch {
    return null
  }
}

const recordIn = (stdout: string): Run | null => parsed(stdout.trim().split('\n').at(-1) ?? '')?.record ?? null

async function configFile(folder: string, config: RunConfig): Promise<string> {
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify(config))
  return file
}

/** Trains from start to end in one process. */
export async function trainStraight(folder: string, config: RunConfig): Promise<Trained> {
  const library = join(folder, 'straight')
  const { stdout, stderr, code } = await runCli(['train', await configFile(folder, config), '--dir', library, '--json'])
  const run = recordIn(stdout)
  if (code !== 0 || run === null)
    throw failed(`The straight run did not finish: ${stderr.trim().split('\n').at(-1) ?? ''}`)
  return { library, run }
}

// Where in the straight run's time the pause falls, one try after the other: a short run can be over before it hears of
// it.
const attempts = [0.4, 0.3, 0.5, 0.2, 0.6, 0.1, 0.35, 0.05] as const

/** Trains the same config, pauses it in the middle of an epoch, and goes on in a new process. */
export async function trainWithPause(folder: string, config: RunConfig, straightSeconds: number): Promise<Resumed> {
  const file = await configFile(folder, config)
  for (const [attempt, fraction] of attempts.entries()) {
    const library = join(folder, `paused-${attempt}`)
    const pausedAt = await pausedAfter(['train', file, '--dir', library, '--json'], 1000 * fraction * straightSeconds)
    // Between two epochs there is less to carry over: that would prove less.
    if (pausedAt === null || pausedAt.moment.position === 0) continue
    const { stdout, stderr, code } = await runCli(['resume', pausedAt.id, '--dir', library, '--json'])
    const run = recordIn(stdout)
    if (code !== 0 || run === null)
      throw failed(`The paused run did not go on: ${stderr.trim().split('\n').at(-1) ?? ''}`)
    return { library, run, pausedAt: pausedAt.moment }
  }
  throw failed(
    `The run was over too soon to be paused in the middle of an epoch (${attempts.length} tries): give it more ` +
      'epochs or more images',
  )
}

/** Starts a training, asks for a pause so long after it began, and says where it paused; null if it was over before. */
async function pausedAfter(
  args: readonly string[],
  afterMs: number,
): Promise<{ readonly id: string; readonly moment: Moment } | null> {
  let timer: NodeJS.Timeout | undefined
  let runFolder = ''
  const { stdout, stderr, code } = await runCli(args, {
    onLine: (text, child) => {
      const line = timer === undefined ? parsed(text) : null
      if (line?.folder !== undefined) runFolder = line.folder
      if (line?.type === 'started') timer = setTimeout(() => askToPause(child, runFolder), afterMs)
    },
  })
  clearTimeout(timer)
  const run = recordIn(stdout)
  if (run === null || (code !== 0 && code !== 130))
    throw failed(`The run to be paused failed: ${stderr.trim().split('\n').at(-1) ?? ''}`)
  return run.status === 'paused' ? { id: run.id, moment: run.moment } : null
}

// Windows has no signal that a program could answer; there the request is a file, which is looked for twice a second.
function askToPause(child: ChildProcess, runFolder: string): void {
  if (process.platform === 'win32') writeFileSync(join(runFolder, 'pause.request'), '')
  else child.kill('SIGINT')
}
