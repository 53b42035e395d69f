import { countClasses, exampleCount, spreadExamples, toldSkipped, type DataInspection } from '../../core/inspection'
import type { Dataset } from './dataset'

/** What a person is shown of a data set before a training starts. */
export function inspected({ info, about, skipped, train, validation, test }: Dataset): DataInspection {
  const classes = info.classes.length
  return {
    info,
    about,
    skipped: skipped.slice(0, toldSkipped),
    skippedCount: skipped.length,
    classCounts: {
      train: countClasses(train.labels, classes),
      validation: countClasses(validation.labels, classes),
      test: countClasses(test.labels, classes),
    },
    examples: spreadExamples(train.labels, classes, exampleCount),
  }
}
