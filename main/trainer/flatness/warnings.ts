import { changedData, guessedInput } from '../../../core/evaluation'
import { type LoadDataset } from '../datasetLoader'
import { trainedOn } from '../seenImages'
import { type MeasuredNetwork, sameInput } from './measuredNetwork'

/**
 * What the numbers of some places do not say themselves: data that changed, and images that are not what they are for
 * every checkpoint.
 */
export async function flatnessWarnings(
  places: readonly MeasuredNetwork[],
  load: LoadDataset,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const {
    checkpoint: { name, about, input, config, dataset, trained },
    train,
    test,
  } of places) {
    found.push(changedData(name, about), guessedInput(name, input))
    if (about.relation !== 'own') {
      const seen = await trainedOn({ data: config.data, dataset, split: train }, trained, load)
      if (!seen.isKnown)
        found.push(
          `Whether ${name} was trained on the training images that it is measured on cannot be known: ${seen.reason}`,
        )
      else if (seen.images.length < train.labels.length)
        found.push(
          `${name} was trained on only ${seen.images.length} of the ${train.labels.length} training images ` +
            'that it is measured on',
        )
    }
    const seenTest =
      places.length > 1 ? await trainedOn({ data: config.data, dataset, split: test }, trained, load) : null
    if (seenTest?.isKnown === true && seenTest.images.length > 0)
      found.push(
        `${name} was trained on ${seenTest.images.length} of the ${test.labels.length} test images of the line`,
      )
  }
  const [one, other] = places
  if (one && other && !sameInput(one.checkpoint, other.checkpoint))
    found.push(
      'The two normalise their images differently: along the line mean and deviation go from those of the ' +
        'first to those of the second',
    )
  return [...new Set(found)].filter((sentence) => sentence !== '')
}
