/** The experiments of the lab notes. */
export type ExperimentName = 'exp1' | 'exp2' | 'exp3' | 'exp4' | 'exp5'

/** One line of the notes' results; null where the notes have a gap. */
export interface NotesResult {
  readonly experiment: ExperimentName
  readonly config: string
  /** Test accuracy in percent. */
  readonly accuracy: number | null
  /** Average seconds per epoch, on the author's single GPU. */
  readonly secondsPerEpoch: number | null
  /** What the notes write behind the arrow. */
  readonly remark: string
}

type Row = readonly [accuracy: number | null, secondsPerEpoch: number | null, remark?: string]

const rows: Readonly<Record<ExperimentName, Readonly<Record<string, Row>>>> = {
  exp1: {
    config1: [86.37, 51.3],
    config2: [85.08, 48.2],
    config3: [82.37, 41.33],
    config4: [74.4, 41.25],
    config5: [59.12, 40.77],
    config6: [39.46, 38.46],
  },
  // Question marks at config5 and no line for config6; no times at all.
  exp2: {
    config1: [86.58, null],
    config2: [85.97, null],
    config3: [85.35, null],
    config4: [82.79, null],
    config5: [null, null],
  },
  exp3: {
    config1: [88.22, 51.4],
    config2: [88.51, 48.31],
    config3: [88.44, 40.81],
    config4: [88.18, 40.81],
    config5: [81.29, 39.22],
    config6: [79.07, 34.04],
  },
  exp4: {
    config1: [87.91, 49.71],
    config2: [88.25, 45.73],
    config3: [87.79, 33.09],
    config4: [87.85, 32.3],
    config5: [87.27, 32.09],
    config6: [85.97, 33.39],
  },
  exp5: {
    config1: [90.98, 59.38],
    config2: [91.32, 44.55],
    config3: [90.78, 49.99],
    config4: [90.78, 42.83],
    config5: [90.23, 42.67],
    config6: [82.79, 42.4, 'with lr_factor 10'],
    config61: [88.61, null, 'with lr_factor 5'],
    config62: [89.87, null, 'with lr_factor 2'],
    config63: [89.46, null, 'just triangular with l_+factor 2'],
  },
}

const experiments = Object.keys(rows) as readonly ExperimentName[]

/** Every result of the notes' five experiments, exactly as written: test accuracies of single runs. */
export const notesResults: readonly NotesResult[] = experiments.flatMap((experiment) =>
  Object.entries(rows[experiment]).map(([config, [accuracy, secondsPerEpoch, remark = '']]) => ({
    experiment,
    config,
    accuracy,
    secondsPerEpoch,
    remark,
  })),
)

/** The results of one experiment, in the notes' order. */
export const experimentOf = (name: ExperimentName): readonly NotesResult[] =>
  notesResults.filter(({ experiment }) => experiment === name)

/** One entry of the notes' first log, whose “config 1 … 5” are other configs than those of the experiments. */
export interface LogEntry {
  readonly config: string
  /** Test accuracy in percent; null where the log gives none. */
  readonly accuracy: number | null
  readonly text: string
}

/** The log of the first trials. */
export const notesLog: readonly LogEntry[] = [
  { config: 'config 1', accuracy: null, text: '250 epochs, batch 128, rate 0.1: smooth, stopped by hand at 200.' },
  { config: 'config 1', accuracy: null, text: '250 epochs, batch 2, rate 0.1: the loss became NaN.' },
  {
    config: 'config 1',
    accuracy: null,
    text:
      'Rate times batch size over training images: k = 128/40000 = 0.0032, rate 0.0003. Ended by early stopping ' +
      'after far too long.',
  },
  { config: 'config 2', accuracy: 79.5, text: 'All 100 epochs; could have gone on.' },
  { config: 'config 3', accuracy: 78.5, text: '300 epochs with early stopping, which ended it around epoch 70.' },
  {
    config: 'config 4',
    accuracy: 81.08,
    text:
      'No early stopping, batch norm momentum 0.99; stopped by hand at 280. Last two best models at epochs 140 ' +
      'and 244.',
  },
  {
    config: 'config 5',
    accuracy: 80.8,
    text: 'Weight decay, a configurable step schedule, new initialisations, rotation 15. Best epoch 133.',
  },
]

/** Where the notes contradict themselves or leave something open; to be shown beside their numbers. */
export const notesOpenQuestions: readonly string[] = [
  'The batch size of each config is not stated, nor are network, epochs, optimizer, rate and schedule of the ' +
    'experiments. The only hints are the remark about 512, ghost batch norm in the third experiment, and ' +
    'lr_factor in the fifth. Doubling from 32 would put 512 at config5, where the third experiment drops, but ' +
    'then ghosts of 128 exceed the smaller batches; doubling from 128 puts it at config3, which reaches 88.44 %. ' +
    'Both are guesses.',
  'In the first log k is the batch size over the training images; in Goyal et al. it is a ratio of batch ' +
    'sizes. The rule is attributed to the second paper, which does not contain it. 0.1 · 0.0032 is 0.00032, ' +
    'written as 0.0003. For the batch of 2 that had failed, the linear rule gives 0.0015625 and the rule as ' +
    'written 0.000005.',
  '“config 1 to 5” of the log and “config1 to 6” of the experiments are different configs; config61 to 63 are ' +
    'variants of config6, so the fifth experiment has nine rows.',
  'In the second experiment config5 has question marks, config6 is missing, and there are no times.',
  '82.79 stands twice (exp2 config4, exp5 config6), 90.78 twice (exp5 config3 and config4), 85.97 twice (exp2 ' +
    'config2, exp4 config6), 40.81 s twice (exp3 config3 and config4): chance, or slips in copying.',
  'The times do not always fall with the batch size: exp4 config6 takes longer than config4 and config5, exp5 ' +
    'config3 longer than config2.',
  '“Just triangular” for config63 implies another mode for config6, 61 and 62, which is not named. 62 and 63 ' +
    'differ by 0.41 points, less than two single runs need to differ on 10,000 test images. “l_+factor” is a ' +
    'slip for lr_factor.',
  'Accuracies have a decimal comma in the log and a point in the experiments.',
  '“Batch norm momentum 0.99” does not say which convention; “fixed learning rate that decreases ' +
    'exponentially” contradicts itself and means a schedule that does not depend on the batch size.',
  "Jastrzębski's η/S should be large and He's B/η not too large: the same statement, inverted.",
  'Every number is from one run. Most differences among config1 to config4 of the third and fourth experiments ' +
    '(up to 0.5 points) are within sampling error.',
  'Config 3 of the log was stopped at about epoch 70 of 300, before a late drop of the rate could help; config ' +
    '4 was stopped by hand at 280 and config 1 at 200, so they are not comparable.',
  '“128K” in the notes on Krizhevsky is 128 times K workers. “η = 0.1 * kn/256” is the rate for the whole batch.',
]

/** What the notes remark besides their numbers. */
export const notesRemarks: readonly string[] = [
  'For batch_size >= 512, the scaling rule + GhostBN does not help anymore (third experiment).',
  'Maybe use gradient clipping for high batch sizes?',
  "A gradual warm-up improved the large batches without recovering the small ones' accuracy; that is why a " +
    'cyclic rate was used.',
  'The aim is the generalisation of large batches, not time, because there is a single GPU.',
]
