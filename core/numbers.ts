/** What stands where a number is missing. */
export const none = '–'

/** A number to so many significant digits, without trailing zeros and without an exponent between 1e-4 and 1e6. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return none
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e7) return value.toExponential(Math.max(0, digits - 1)).replace(/\.?0+e/, 'e').replace('e+', 'e')
  return String(Number(value.toPrecision(digits)))
}

/** A learning rate, loss or norm. */
export const quantity = (value: number | null | undefined): string => significant(value, 4)
