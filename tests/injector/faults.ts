import { execFileSync } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What can become of a call; `faults.c` says how. */
export type Fault = 'none' | 'kill' | 'torn' | 'EIO' | 'ENOSPC' | 'EMFILE'

/** A fault that begins with the so manyth call, counted from 0, and strikes so many in a row. */
export interface Injection {
  readonly fault: Fault
  readonly call: number
  readonly times: number
}

/** Why no fault can be injected here; empty where one can. */
export function whyNot(): string {
  if (process.platform !== 'linux') return 'the injector is a library for Linux'
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return ''
  } catch {
    return 'there is no C compiler (cc)'
  }
}

/** Compiles the injector into a folder; a process gets it through the returned environment. */
export function injector(folder: string): { readonly LD_PRELOAD: string } {
  const library = join(folder, 'faults.so')
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-Wall',
    '-Werror',
    '-o',
    library,
    join(import.meta.dirname, 'faults.c'),
  ])
  return { LD_PRELOAD: library }
}

const armed = (folder: string, { fault, call, times }: Injection): string => `${fault}/${call}/${times}${folder}`

/** Arms the injector of a process that is about to start. */
export const armedFor = (folder: string, injection: Injection): { readonly BATCHLAB_FAULTS: string } => ({
  BATCHLAB_FAULTS: armed(folder, injection),
})

/** Arms the injector that this process carries. */
export function arm(folder: string, injection: Injection): void {
  try {
    openSync(`/batchlab-faults/${armed(folder, injection)}`, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
}

/** What the injector counted for a folder: a name and a path for each call. */
export const callsOf = (folder: string): readonly string[] =>
  readFileSync(`${folder}.trace`, 'utf8').split('\n').slice(0, -1)

/** Which sample is taken: the same one in every run, and others with BATCHLAB_FAULT_SAMPLE=1, 2, 3 … */
export const sample = Number(process.env['BATCHLAB_FAULT_SAMPLE'] ?? 0)

/** A few calls out of all, evenly far from each other; `lane` tells the parts of one sample from each other. */
export const sampleOf = (calls: readonly number[], count: number, lane: number): readonly number[] =>
  Array.from(
    { length: Math.min(count, calls.length) },
    (_, at) => calls[(sample * 7 + lane * 3 + Math.floor((at * calls.length) / count)) % calls.length] ?? 0,
  )
