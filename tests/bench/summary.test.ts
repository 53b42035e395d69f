import { describe, expect, it } from 'vitest'
import { startSummary, summaries, windowSummary } from '../../bench/summary'

describe('what measurements say', () => {
  it('is what was recorded, with units', () => {
    const lines = [
      ...summaries.input({
        network: 'resnet8',
        batchSize: 128,
        updateMs: 128.9,
        augmentations: [{ name: 'crop and flip', batchMs: 1.137, imageUs: 8.885, share: 0.00861 }],
      }),
      ...summaries.events({
        network: 'resnet8',
        batchSize: 128,
        updateMs: 159,
        updatesPerEvent: 1,
        trainerUs: 532.4,
        trainerShare: 0.00334,
        mainUs: 3.94,
        lineBytes: 218,
      }),
      ...summaries.store({
        appendUs: 27.4,
        syncMs: 0.601,
        libraryChangeMs: 3.64,
        runs: 100,
        checkpoint: {
          network: 'resnet20',
          parameters: 269722,
          bytes: 2_181_000,
          readMs: 4.16,
          stoppedMs: 5.2,
          writtenMs: 22.2,
        },
      }),
      ...summaries.memory({
        network: 'mlp 16',
        growthTo10000: 0.0536,
        growthTo20000: -0.0028,
        samples: [
          { updates: 213, rssBytes: 413.1e6, heapBytes: 1, externalBytes: 1 },
          { updates: 10_011, rssBytes: 442.1e6, heapBytes: 1, externalBytes: 1 },
        ],
      }),
      ...summaries.capture({
        network: 'resnet20',
        batchSize: 128,
        passes: 5,
        captureSeconds: 1.98,
        eagerSeconds: 0.0272,
        firstUpdateMs: 1060,
        updateMs: 488,
      }),
      ...startSummary({
        electron: '25.1.1',
        display: 'virtual',
        loadedMs: [1780, 1450, 1330],
        medianLoadedMs: 1450,
        firstPaintMs: 514,
      }),
      ...windowSummary({
        cores: 2,
        history: { filter: { wallMs: 49.94, load: 5 }, training: { load: 4.48, mainDelay: { p99Ms: 9.9 } } },
      }),
    ]
    expect(lines.join('\n')).toBe(
      [
        'Input: filling a batch of 128 images of 32×32 pixels, beside an update of resnet8 (129 ms)',
        '  crop and flip: 1.14 ms, 8.88 µs an image, 0.86 % of the update',
        'Events: telling of an update of resnet8 at batch 128 (159 ms), 1 to an event of 218 bytes',
        '  point, event, line in the log, message: 532 µs, 0.33 % of the update; folding it into the record, ' +
          'in another process: 3.94 µs',
        'Store: on the disk that holds temporary files',
        '  an event in the log: 27.4 µs, made safe against a power cut in 0.601 ms; a change of a library of ' +
          '100 runs: 3.64 ms',
        '  a checkpoint of resnet20 (269722 weights, 2.1 MiB) stops training for 5.2 ms, 4.16 ms of it for ' +
          'reading weights and slots, and is on the disk after 22.2 ms',
        'Memory: of a whole training of mlp 16, log, epochs and checkpoints included',
        '  394 MiB after 213 updates, 422 MiB after 10,011 updates',
        '  from 1,000 to 10,000 updates +5.4 %, from 10,000 to 20,000 -0.28 %',
        'Capture: resnet20 at batch 128, all 5 passes of a run: 1.98 s (without capturing 0.0272 s); the first ' +
          'update 1060 ms, the next 488 ms',
        'Start: 1450 ms from launch to the loaded page (median of 3; 1780, 1450, 1330), first paint 514 ms ' +
          'into it; Electron 25.1.1, on a virtual display',
        'Window:',
        '  cores: 2',
        '  history › filter: wallMs 49.94, load 5',
        '  history › training › load: 4.48',
        '  history › training › mainDelay: p99Ms 9.9',
      ].join('\n'),
    )
  })
})
