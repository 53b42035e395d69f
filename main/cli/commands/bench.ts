import { closeAll } from '../../../bench/child'
import { benchOptions, benchParts } from '../benchOptions'
import { checkOut, pythonWithTorch, runBench } from '../benchRun'
import { defineCommand } from '../command'
import { onInterrupt } from '../interrupts'
import { stateScripts } from '../setUpState'
import type { Terminal } from '../terminal'
import { formatBytes } from '../../../core/numbers'

export const bench = defineCommand({
  options: {
    network: { type: 'string', value: 'NAMES', help: 'conv4, resnet8, resnet20, or some of them: conv4,resnet8' },
    batch: { type: 'string', value: 'SIZES', help: 'Batch sizes: 2,32,128' },
    engine: { type: 'string', value: 'NAMES', help: 'tensorflow, wasm, cpu' },
    mode: { type: 'string', value: 'NAMES', help: 'captured, eager; without it both' },
    python: { type: 'string', value: 'PATH', help: 'A Python with torch: the same work in PyTorch, in turn' },
    threads: { type: 'string', value: 'N', help: 'CPU threads for everybody; without it all cores' },
    rounds: { type: 'string', value: 'N', help: 'Turns of each contestant' },
    seconds: { type: 'string', value: 'S', help: 'About how long a turn is' },
    updates: { type: 'string', value: 'N', help: 'Updates in a turn, in place of --seconds' },
    what: { type: 'string', value: 'NAMES', help: `${benchParts.join(', ')}; step is the table of updates` },
    app: { type: 'boolean', help: 'The app itself: the same as --what start,window' },
    all: { type: 'boolean', help: 'The whole table and everything else: hours' },
    json: { type: 'boolean', help: 'One JSON value: versions, machine, load, every speed, ratios' },
    out: { type: 'string', value: 'FILE', help: 'Write that JSON to a file too, after each case' },
  },
  notes: [
    'Without options: a quick table of a few minutes. Contestants have processes of their own and take turns, ' +
      'A B C A B C …; a ratio is the median of',
    'the ratios within a round, so that other load on the machine meets both alike. The eager step and PyTorch ' +
      'use whichever thread setting suits them',
    'best here. Ratios below 1 are marked with *. Exit code 1 if something could not be measured.',
  ],
  positionals: [],
  run: async ({ json, out, python, ...given }, _, terminal) => {
    const asked = benchOptions(given)
    checkOut(out)
    const options =
      given.engine === undefined ? { ...asked, engines: await enginesHere(asked.engines, terminal) } : asked
    const stop = endOnInterrupt(terminal)
    try {
      const report = await runBench({
        options,
        python: await pythonWithTorch(python, terminal),
        out,
        terminal,
        print: json ? terminal.say : terminal.print,
      })
      if (json) terminal.printJson(report)
      else {
        const versions = Object.entries(report.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')
        terminal.print(
          `${report.at.slice(0, 10)}; ${report.cpu}, ${report.cores} cores, ${formatBytes(report.memoryBytes)} of ` +
            `memory; ${options.threads} threads; Batchlab ${report.batchlab}, ${versions}`,
        )
      }
      const isWhole =
        report.cases.every(({ failures }) => failures.length === 0) &&
        report.skipped.every(({ what }) => what === 'start' || what === 'window')
      return isWhole ? 0 : 1
    } finally {
      stop()
    }
  },
})

/** What is measured where nobody named engines: without TensorFlow the one that needs nothing. */
async function enginesHere(
  engines: ReturnType<typeof benchOptions>['engines'],
  terminal: Terminal,
): Promise<typeof engines> {
  const state = (await stateScripts())?.engineState()
  if (state?.ok !== false) return engines
  terminal.say(`TensorFlow is not set up, so the engine wasm is measured. ${state.reason ?? ''}`.trim())
  return ['wasm']
}

/** Ctrl-C ends this process and all that it started; what is in --out by then stays. */
function endOnInterrupt(terminal: Terminal): () => void {
  const end = (): void => {
    terminal.status('')
    terminal.say('Interrupted: ending what was started …')
    void closeAll().finally(() => process.exit(130))
  }
  return onInterrupt(end)
}
