import { classesDiffer, classPlaces } from '../../core/classes'
import type { DatasetInfo } from '../../core/datasetInfo'
import { classesIn } from '../files/checkpointHeader'
import { readHeader } from '../files/safetensors'
import { RequestError } from '../requests/requestError'

/**
 * Refuses a file whose network knows other classes than some data, by their names. Files that name no classes, and
 * those that cannot be read here, are left to the trainer.
 */
export async function checkClasses(file: string, info: DatasetInfo, path: 'checkpoint' | 'weights'): Promise<void> {
  const header = await readHeader(file).catch(() => null)
  const classes = header === null ? null : classesIn(header.metadata)
  if (classes !== null && classPlaces(classes, info.classes) === null)
    throw new RequestError([
      { path, message: `cannot be used: ${classesDiffer(file, classes, `“${info.name}”`, info.classes)}` },
    ])
}
