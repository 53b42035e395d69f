import type { DataConfig } from '../../core/config/data'

/**
 * The images of one config, stretched and turned as another config does it with its own: how files become pixels
 * belongs to the network that is fed with them, which files there are and how they are split does not.
 */
export function readLike(images: DataConfig, as: DataConfig): DataConfig {
  if (images.source.type !== 'folder' || as.source.type !== 'folder') return images
  return { ...images, source: { ...images.source, imageSize: as.source.imageSize, orientation: as.source.orientation } }
}

/** What a config says about which images there are: augmentation and normalisation say nothing about that. */
export const imagesKey = ({ augmentation: _, normalisation: __, ...data }: DataConfig): string => JSON.stringify(data)
