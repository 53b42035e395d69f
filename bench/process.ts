// A process of the benchmark: one job as JSON in its argument, answers as one JSON object a line on stdout. It is built
// into out/main beside the trainer.
import { errorText } from '../core/errorText'
import type { BenchJob } from './job'
import { measureCapture } from './measurements/capture'
import { measureEvents } from './measurements/events'
import { measureInput } from './measurements/input'
import { serveLearner } from './measurements/learner'
import { measureMemory } from './measurements/memory'
import { measureStore } from './measurements/store'

const post = (answer: object): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(answer)}\n`, () => resolve())
  })

async function work(job: BenchJob): Promise<void> {
  switch (job.type) {
    case 'learner':
      return await serveLearner(job, post)
    case 'input':
      return await post(await measureInput(job))
    case 'events':
      return await post(await measureEvents(job))
    case 'store':
      return await post(await measureStore(job))
    case 'memory':
      return await post(await measureMemory(job))
    case 'capture':
      return await post(await measureCapture(job))
  }
}

// Whoever started this process wrote the job.
work(JSON.parse(process.argv.at(-1) ?? '{}') as BenchJob)
  .catch((error: unknown) => post({ failed: errorText(error) }))
  .finally(() => process.exit())
