import type { LabelledImages, RawImages } from './rawImages'

/** Whether other threads see these values. */
export const isShared = ({ buffer }: Uint8Array | Uint16Array): boolean => buffer instanceof SharedArrayBuffer

/** Room for so many bytes, which other threads see where they are to. */
export const roomFor = (bytes: number, shared: boolean): Uint8Array =>
  shared ? new Uint8Array(new SharedArrayBuffer(bytes)) : new Uint8Array(bytes)

/** The values themselves where other threads see them, otherwise a copy that they see. */
export function inSharedMemory<T extends Uint8Array | Uint16Array>(values: T): T {
  if (isShared(values)) return values
  const make = values.constructor as new (buffer: SharedArrayBuffer) => T
  const copy = new make(new SharedArrayBuffer(values.byteLength))
  copy.set(values)
  return copy
}

/** A source whose images other threads see. */
export function sharedImages(raw: RawImages): RawImages {
  const seen = <T extends LabelledImages>(part: T): T => ({ ...part, images: inSharedMemory(part.images) })
  return {
    ...seen(raw),
    ...(raw.validation && { validation: seen(raw.validation) }),
    ...(raw.test && { test: seen(raw.test) }),
  }
}
