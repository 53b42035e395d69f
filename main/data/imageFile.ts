/** What an image file says of itself before it is decoded. */
export interface ImageHeader {
  readonly type: 'png' | 'jpeg' | 'bmp' | 'gif' | 'webp'
  readonly width: number
  readonly height: number
  readonly grey: boolean
  /** A PNG in seven passes (Adam7). */
  readonly interlaced: boolean
  /** Bits of a PNG pixel in all its channels; 0 for the others. */
  readonly bits: number
  /** How the picture is to be turned to stand upright, as Exif counts it: 1 not at all. */
  readonly orientation: number
  /** The fewest bytes that a file of such pixels can have. */
  readonly leastBytes: number
}

/** An image that is left out, with the reason as half a sentence. */
export class BrokenImage extends Error {
  override readonly name = 'BrokenImage'
}

/**
 * An image of a kind that is not read: nothing is wrong with it, so it is left out and named where a broken one is
 * refused.
 */
export class ImageNotRead extends BrokenImage {}

/** The formats that are read, for sentences. */
export const formats = 'PNG, JPEG, WEBP, GIF or BMP'
