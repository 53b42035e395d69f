import { bytesInOrder, type LabelledImages } from '../../main/data/rawImages'

/** A copy of a split's images, one after the other. */
export const imagesInOrder = (split: LabelledImages): Uint8Array => Buffer.concat([...bytesInOrder(split)])
