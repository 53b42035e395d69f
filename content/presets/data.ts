import type { RunConfigInput } from '../../core/config/config'
import { placeholders } from './shrink'

type Data = NonNullable<RunConfigInput['data']>

/** Pad by 4, crop and mirror: what nearly every CIFAR paper does. */
export const padAndFlip = { pad: 4, flip: true } as const

/** CIFAR-10 with a tenth of the training images held out for validation. */
export const cifar10: Data = {
  source: { type: 'cifar10', path: placeholders.cifar10 },
  validationFraction: 0.1,
  augmentation: padAndFlip,
}

export const cifar100: Data = {
  source: { type: 'cifar100', path: placeholders.cifar100 },
  validationFraction: 0.1,
  augmentation: padAndFlip,
}

export const mnist: Data = { source: { type: 'idx', path: placeholders.mnist }, validationFraction: 0.1 }

/** The sentence that every CIFAR preset owes its reader. */
export const heldOut =
  'A tenth of the training images is held out for validation, so that nothing is chosen by the test images; ' +
  'the papers train on all of them.'

/** What all small variants have in common. */
export const smallData =
  'Real CIFAR-10 images from a folder or archive of images (set data.source.path), 1,000 of them for ' +
  'validation and 2,000 for test.'
