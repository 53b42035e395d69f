import { availableParallelism, cpus, totalmem } from 'node:os'
import { version } from '../../../package.json'
import type { EngineReport } from '../../../core/job'
import { runCli } from '../childProcess'
import { defineCommand } from '../command'
import { runJobHere } from '../jobs'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { electronScripts, stateScripts } from '../setUpState'
import { formatBytes } from '../../../core/numbers'

interface Probe {
  readonly engines: readonly EngineReport[]
  readonly crash: string
}

/** Tries the engines in a process of their own: a native library that does not fit ends the process that loads it. */
async function probe(dir: readonly string[]): Promise<Probe> {
  const { code, signal, stdout, stderr } = await runCli(['doctor', '--engines-only', '--json', ...dir])
  try {
    return { engines: JSON.parse(stdout) as EngineReport[], crash: '' }
  } catch {
    const how = signal === null ? `code ${String(code)}` : signal
    return {
      engines: [],
      crash: `Trying the engines ended their process (${how}): ${stderr.trim().split('\n').at(-1) ?? ''}`,
    }
  }
}

export const doctor = defineCommand({
  options: {
    json: { type: 'boolean', help: 'One JSON value' },
    'engines-only': { type: 'boolean', help: 'Try the engines in this process and say nothing else' },
    ...libraryOptions,
  },
  positionals: [],
  run: async ({ json, dir, 'engines-only': enginesOnly }, _, terminal) => {
    const library = libraryFolder(dir)
    if (enginesOnly) {
      const engines = await runJobHere({ type: 'probe', folders: foldersFor(library) }, terminal)
      if (json) terminal.printJson(engines)
      else for (const engine of engines) terminal.print(engineLine(engine))
      return engines.some(({ works }) => works) ? 0 : 1
    }
    const { engines, crash } = await probe(dir === undefined ? [] : ['--dir', dir])
    const setUp = (await stateScripts())?.engineState() ?? null
    const electron = (await electronScripts())?.electronPath() ?? null
    const missing = [
      ...(crash === '' ? [] : [crash]),
      ...engines
        .filter(({ works }) => !works)
        .map(
          ({ name, reason }) =>
            `Engine ${name} does not work: ` +
            `${reason}${name === 'tensorflow' && setUp?.reason != null ? ` ${setUp.reason}` : ''}`,
        ),
      ...(electron === null
        ? [
            'There is no Electron runtime for the window and for SVG, PNG and PDF figures: npm run setup -- ' +
              '--only electron gets one.',
          ]
        : []),
      ...(electron?.source === 'fallback'
        ? [
            `The window runs on Electron ${electron.version}, which is enough to build and to test; npm run ` +
              'setup:retry tries for the current one.',
          ]
        : []),
    ]
    const report = {
      version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      threads: availableParallelism(),
      memoryBytes: totalmem(),
      library,
      engines,
      best: engines.find(({ works }) => works)?.name ?? null,
      tensorflow: setUp,
      electron,
      missing,
    }
    if (json) terminal.printJson(report)
    else {
      terminal.print(
        [
          `Batchlab ${version} on Node ${report.node}, ${report.platform}; ${report.cpu}, ${report.threads} ` +
            `threads, ${formatBytes(report.memoryBytes)} of memory`,
          `Library ${library}`,
          '',
          ...engines.map(engineLine),
          `${electron === null ? 'no' : 'ok'}  window      ` +
            `${electron === null ? 'no Electron' : `Electron ${electron.version} (${electron.source})`}`,
          '',
          ...(missing.length === 0 ? ['Nothing is missing.'] : missing),
        ].join('\n'),
      )
    }
    return report.best === null ? 1 : 0
  },
})

const engineLine = ({ name, works, device, versions, reason }: EngineReport): string =>
  `${works ? 'ok' : 'no'}  ${name.padEnd(10)}  ${
    works
      ? `${device} (${Object.entries(versions)
          .map(([what, one]) => `${what} ${one}`)
          .join(', ')})`
      : reason
  }`
