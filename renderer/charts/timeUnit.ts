/** The unit in which so many seconds read best on an axis, and what to divide by. */
export function timeUnit(seconds: number): { readonly divisor: number; readonly name: string } {
  if (seconds < 180) return { divisor: 1, name: 's' }
  return seconds < 3 * 3600 ? { divisor: 60, name: 'min' } : { divisor: 3600, name: 'h' }
}
