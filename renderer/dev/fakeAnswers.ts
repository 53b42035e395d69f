import type { Diagnosis } from '../../core/events'
import type { DatasetInfo, DataSplit } from '../../core/datasetInfo'
import type { Evaluation } from '../../core/evaluation'
import type { EngineReport, Images } from '../../core/job'
import type { ShortReport } from '../../core/libraryReport'
import type { Comparison } from '../../core/protocol'
import { randomFor } from '../../core/random'
import type { Run, TracedRun } from '../../core/run'
import { digitInfo } from './fakeRuns'

export const fakeEngines: readonly EngineReport[] = [
  {
    name: 'tensorflow',
    works: false,
    device: '',
    versions: { '@tensorflow/tfjs-node-gpu': '4.22.0' },
    reason: 'libtensorflow is not set up: run “npm run setup” (needs Python 3 and a C++ compiler, about 600 MB)',
  },
  {
    name: 'wasm',
    works: true,
    device: 'CPU, WebAssembly with SIMD, 2 threads',
    versions: { '@tensorflow/tfjs-backend-wasm': '4.22.0' },
    reason: '',
  },
  {
    name: 'cpu',
    works: true,
    device: 'CPU, plain JavaScript',
    versions: { '@tensorflow/tfjs-backend-cpu': '4.22.0' },
    reason: '',
  },
]

/** Blobs that differ by class, so that thumbnails look like something. */
export function fakeImages({ shape, classes }: DatasetInfo, indices: readonly number[]): Images {
  const [height, width, channels] = shape
  const labels = indices.map((index) => index % classes.length)
  const pixels = new Uint8Array(indices.length * height * width * channels)
  labels.forEach((label, n) => {
    const random = randomFor(indices[n] ?? 0, 'synthetic', label, 0)
    const [cx, cy] = [width * (0.3 + 0.4 * random.uniform()), height * (0.3 + 0.4 * random.uniform())]
    const radius = (0.15 + 0.03 * label) * width
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const ring = Math.abs(Math.hypot(x - cx, y - cy) - radius)
          pixels[((n * height + y) * width + x) * channels + c] = Math.max(
            0,
            Math.min(
              255,
              220 - ring * (900 / width) + 30 * random.normal() * (channels === 1 ? 0.2 : 1) + 40 * ((label + c) % 3),
            ),
          )
        }
  })
  return { shape: [indices.length, height, width, channels], pixels, labels }
}

function fakeEvaluation(run: Run, on: Run, split: DataSplit, unseen: boolean): Evaluation {
  const info = run.facts ?? digitInfo
  const isOther = run.config.data.splitSeed !== on.config.data.splitSeed
  const all = Array.from({ length: info.counts[split] }, (_, place) => place)
  const seen = isOther ? all.filter((place) => place % 5 === 0) : []
  const places = unseen ? all.filter((place) => place % 5 !== 0) : all
  const images = places.length
  const classes = info.classes.length
  const accuracy = run.epochs.at(-1)?.validation?.accuracy ?? 0.5
  const confusion = info.classes.map(() => info.classes.map(() => 0))
  const labels = places.map((place) => place % classes)
  const predictions = labels.map((label, index) => {
    const random = randomFor(index * 31 + run.config.batchSize, 'noise', index, 3)
    const hard = randomFor(index, 'noise', 7, 7).uniform()
    return 0.6 * hard + 0.4 * random.uniform() < accuracy * 0.92
      ? label
      : (label + 1 + random.integer(classes - 1)) % classes
  })
  labels.forEach((label, index) => {
    const row = confusion[label]
    const predicted = predictions[index] ?? 0
    if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1
  })
  const right = predictions.filter((prediction, index) => prediction === labels[index]).length
  return {
    moment: run.moment,
    split,
    score: { loss: 0.4, accuracy: right / images, images },
    classes: info.classes,
    confusion,
    images: places,
    labels,
    predictions,
    data: {
      name: info.name,
      fingerprint: info.fingerprint,
      ownFingerprint: info.fingerprint,
      relation: isOther ? 'other' : 'own',
    },
    trainedOn: { isKnown: true, images: seen },
    input: { normalisation: run.config.data.normalisation, mean: info.mean, std: info.std, from: 'checkpoint' },
  }
}

export function fakeComparison(a: Run | undefined, b: Run | undefined, split: DataSplit, unseen: boolean): Comparison {
  if (a === undefined || b === undefined) throw new Error('There is no such run')
  if (a.facts?.name !== b.facts?.name)
    throw new Error(
      'run000000002, last was trained on images of 8×8×1 (height × width × channels), “CIFAR-10” has 32×32×3',
    )
  return { a: fakeEvaluation(a, a, split, unseen), b: fakeEvaluation(b, a, split, unseen), data: a.config.data }
}

/** Measurements that drift as those of real runs do. */
export function fakeDiagnoses({ run, trace }: TracedRun): readonly Diagnosis[] {
  const { every } = run.config.diagnostics
  if (every === null) return []
  return trace.update.flatMap((update, index): readonly Diagnosis[] => {
    if (update % every !== 0) return []
    const random = randomFor(update, 'noise', 2, 0)
    const wobble = (): number => 2 ** (0.4 * random.normal())
    const squaredNorm = (0.2 * wobble()) / Math.sqrt(update) + (random.uniform() < 0.1 ? -0.05 : 0)
    return [
      {
        update,
        rateToBatch: (trace.learningRate[index] ?? 0) / (trace.batchSize[index] ?? 1),
        ratios: Object.fromEntries(
          ['conv1', 'conv2', 'dense1', 'dense2', 'output'].map((name, layer) => [
            name,
            (0.004 / (1 + layer)) * (1 + 4 / Math.sqrt(update)) * wobble(),
          ]),
        ),
        gradient: { spread: 3 * wobble(), squaredNorm },
      },
    ]
  })
}

/**
 * What a check of the made-up library finds: nothing, or something of its first runs, one of them called what nobody
 * should call anything.
 */
export function fakeReport(library: string, runs: readonly Run[], isDamaged: boolean): ShortReport {
  const counts = {
    library,
    runs: runs.length,
    lines: runs.reduce((sum, { moment }) => sum + moment.update, 0),
    checkpoints: runs.reduce((sum, { checkpoints }) => sum + checkpoints.length, 0),
  }
  if (!isDamaged) return { ...counts, problems: [], notes: [], more: { problems: 0, notes: 0 } }
  const problems = runs.slice(0, 8).flatMap(({ id }, index) => [
    {
      file: `${library}/runs/${id}/checkpoints/best-00014.safetensors`,
      message:
        `${library}/runs/${id}/checkpoints/best-00014.safetensors is damaged: its checksum is 3f9a…, expected ` +
        '88c1…',
      run: id,
    },
    ...(index % 3 === 0
      ? [
          {
            file: `${library}/runs/${id}/events.ndjson`,
            message: 'has 20481 bytes, its record stands for 90112: its end is lost',
            run: id,
          },
        ]
      : []),
    ...(index === 5
      ? [
          {
            file:
              `${library}/runs/${id}/checkpoints/<img src=x ` +
              `onerror=alert(1)>\u202Esrotensefas.\u0007${'long'.repeat(60)}`,
            message: 'is no checkpoint\nProblem: \u001b[31mnone',
            run: id,
          },
        ]
      : []),
  ])
  return {
    ...counts,
    problems: [
      ...problems,
      { file: library, message: 'library.json was damaged and was put back from its copy of yesterday' },
    ],
    notes: runs.slice(2, 4).map(({ id }) => ({
      file: `${library}/runs/${id}/checkpoints/.last.safetensors.tmp`,
      message: 'was never finished',
      run: id,
    })),
    more: { problems: 0, notes: 1234 },
  }
}
