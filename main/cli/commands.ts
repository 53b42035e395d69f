import type { Command } from './command'

/** One line of the table of commands: enough for the overview, while the code is loaded only when it is asked for. */
export interface Entry {
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** Every command. Adding one: a file in `commands/`, a line here, a line in docs/command-line.md. */
export const commands: readonly Entry[] = [
  {
    name: 'schema',
    usage: '[--markdown]',
    summary: 'Print the JSON Schema of a config, or its settings as a page',
    load: async () => (await import('./commands/schema')).schema,
  },
  {
    name: 'presets',
    usage: '[NAME]',
    summary: 'List the configs that come with the program, or print one',
    load: async () => (await import('./commands/presets')).presetsCommand,
  },
  {
    name: 'plan',
    usage: '[CONFIG]',
    summary: 'Print what follows from a config: updates, rates, noise scale, network',
    load: async () => (await import('./commands/plan')).plan,
  },
  {
    name: 'train',
    usage: '[CONFIG]',
    summary: 'Train a run; Ctrl-C writes a checkpoint and pauses it',
    load: async () => (await import('./commands/train')).trainCommand,
  },
  {
    name: 'sweep',
    usage: '[CONFIG]',
    summary: 'Train every combination of settings, seeds and presets, one run after the other',
    load: async () => (await import('./commands/sweep')).sweep,
  },
  {
    name: 'resume',
    usage: 'RUN',
    summary: 'Go on with a paused, interrupted or stopped run, or extend a finished one',
    load: async () => (await import('./commands/resume')).resume,
  },
  {
    name: 'pause',
    usage: 'RUN',
    summary: 'Pause a run, whichever process trains it',
    load: async () => (await import('./commands/pause')).pause,
  },
  {
    name: 'fork',
    usage: 'RUN --from CHECKPOINT',
    summary: 'Start a new run from a checkpoint of another, with changed settings',
    load: async () => (await import('./commands/fork')).fork,
  },
  {
    name: 'list',
    usage: '',
    summary: 'List the runs of a library',
    load: async () => (await import('./commands/list')).listCommand,
  },
  {
    name: 'show',
    usage: 'RUN',
    summary: 'Show one run: settings, scores, checkpoints, log',
    load: async () => (await import('./commands/show')).showCommand,
  },
  {
    name: 'remove',
    usage: 'RUN…',
    summary: 'Put runs into the trash',
    load: async () => (await import('./commands/remove')).remove,
  },
  {
    name: 'restore',
    usage: 'RUN…',
    summary: 'Take runs out of the trash',
    load: async () => (await import('./commands/remove')).restoreCommand,
  },
  {
    name: 'export',
    usage: 'RUN… --format FORMAT',
    summary: 'Write runs as CSV, JSON, figures (SVG, PNG, PDF) or an HTML report',
    load: async () => (await import('./commands/export')).exportRuns,
  },
  {
    name: 'evaluate',
    usage: 'CHECKPOINT',
    summary: 'Measure a checkpoint on validation or test images',
    load: async () => (await import('./commands/evaluate')).evaluate,
  },
  {
    name: 'compare',
    usage: 'CHECKPOINT CHECKPOINT',
    summary: 'Put two checkpoints side by side on the same images',
    load: async () => (await import('./commands/compare')).compare,
  },
  {
    name: 'flatness',
    usage: 'CHECKPOINT [CHECKPOINT]',
    summary: 'Measure sharpness and curvature of a checkpoint, and the loss between two',
    load: async () => (await import('./commands/flatness')).flatness,
  },
  {
    name: 'data',
    usage: 'list|import|download|verify',
    summary: 'Known data sets, downloading one, reading one into the cache, checking the cache',
    load: async () => (await import('./commands/data')).data,
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'Say which engines work here, and what is missing',
    load: async () => (await import('./commands/doctor')).doctor,
  },
  {
    name: 'verify',
    usage: '[LIBRARY]',
    summary: 'Check every file of a library',
    load: async () => (await import('./commands/verify')).verify,
  },
  {
    name: 'verify-resume',
    usage: '[CONFIG]',
    summary: 'Prove on this machine that pausing and resuming changes nothing',
    load: async () => (await import('./commands/verifyResume')).verifyResume,
  },
  {
    name: 'bench',
    usage: '',
    summary: 'Measure speed on this machine, also beside PyTorch, and what else costs time and memory',
    load: async () => (await import('./commands/bench')).bench,
  },
  {
    name: 'demo',
    usage: '',
    summary: 'Train a small network on real digits and write a report',
    load: async () => (await import('./commands/demo')).demo,
  },
]
