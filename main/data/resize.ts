/** For each output position, the input positions that it is made of and their weights. */
interface Taps {
  readonly first: Int32Array
  readonly weights: readonly Float32Array[]
}

/**
 * Going down, the mean over the area that a pixel covers; going up, linear between the two nearest (pixel centres at
 * ½).
 */
function taps(from: number, to: number): Taps {
  const ratio = from / to
  const first = new Int32Array(to)
  const weights = Array.from({ length: to }, (_, i) => {
    if (ratio <= 1) {
      const position = Math.min(from - 1, Math.max(0, (i + 0.5) * ratio - 0.5))
      const start = Math.min(Math.floor(position), Math.max(0, from - 2))
      first[i] = start
      return from === 1 ? Float32Array.of(1) : Float32Array.of(1 - (position - start), position - start)
    }
    const start = Math.floor(i * ratio)
    const end = Math.min(from, Math.ceil((i + 1) * ratio - 1e-9))
    first[i] = start
    return Float32Array.from(
      { length: end - start },
      (_weight, k) => (Math.min((i + 1) * ratio, start + k + 1) - Math.max(i * ratio, start + k)) / ratio,
    )
  })
  return { first, weights }
}

/** Stretches an image (bytes: row, column, channel) to another size, first across, then down. */
export function resize(
  image: Uint8Array,
  height: number,
  width: number,
  channels: number,
  toHeight: number,
  toWidth: number,
): Uint8Array {
  if (height === toHeight && width === toWidth) return image
  const across = taps(width, toWidth)
  const narrow = new Float32Array(height * toWidth * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      const start = (y * width + (across.first[x] ?? 0)) * channels
      across.weights[x]?.forEach((weight, k) => {
        for (let channel = 0; channel < channels; channel++) {
          const to = (y * toWidth + x) * channels + channel
          narrow[to] = (narrow[to] ?? 0) + weight * (image[start + k * channels + channel] ?? 0)
        }
      })
    }
  }
  const down = taps(height, toHeight)
  const row = toWidth * channels
  const out = new Uint8Array(toHeight * row)
  for (let y = 0; y < toHeight; y++) {
    const start = (down.first[y] ?? 0) * row
    const weights = down.weights[y] ?? new Float32Array()
    for (let i = 0; i < row; i++) {
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (narrow[start + k * row + i] ?? 0)
      out[y * row + i] = Math.round(sum)
    }
  }
  return out
}
