import { classesDiffer, classPlaces } from '../../core/classes'
import type { DatasetFacts } from '../../core/facts'
import { classesIn } from '../files/checkpointHeader'
import { readHeader } from '../files/safetensors'
import { Refusal } from '../refusal'

/**
 * Refuses a file whose network knows other classes than some data, by their names. Files that name no classes, and
 * those that cannot be read here, are left to the trainer.
 */
export async function checkClasses(file: string, facts: DatasetFacts, path: 'checkpoint' | 'weights'): Promise<void> {
  const header = await readHeader(file).catch(() => null)
  const classes = header === null ? null : classesIn(header.metadata)
  if (classes !== null && classPlaces(classes, facts.classes) === null)
    throw new Refusal([
      { path, message: `cannot be used: ${classesDiffer(file, classes, `“${facts.name}”`, facts.classes)}` },
    ])
}
