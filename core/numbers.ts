/** What stands where a number is missing. */
export const none = '–'

/** A number to so many significant digits, without trailing zeros and without an exponent between 1e-4 and 1e6. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return none
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e7)
    return value
      .toExponential(Math.max(0, digits - 1))
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  return String(Number(value.toPrecision(digits)))
}

/** A learning rate, loss or norm. */
export const quantity = (value: number | null | undefined): string => significant(value, 4)

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes in binary units: "3.1 GiB", with what stands between number and unit. */
export function byteSize(value: number | null | undefined, space = ' '): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return none
  let size = value
  let unit = 0
  while (size >= 1024 && unit < byteUnits.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)}${space}${byteUnits[unit] ?? 'B'}`
}
