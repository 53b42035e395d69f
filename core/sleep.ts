/**
 * How long a process did not run: its machine slept, or it was stopped. A thread that beats once a second notes it for
 * one that is deep in a native call. A clock that stands still while the machine sleeps (Linux) shows nothing of it,
 * one that goes on (macOS, Windows) the whole night.
 */
export type Beats = Float64Array

export const beatEveryMs = 1000
// A busy machine delays a beat, but not by so much.
const gapMs = 5000

/** The time of the last beat, and how long was slept before it; shared between threads. */
export const newBeats = (): Beats => new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT))

/** How long was slept until now, in ms. */
export function sleptUntil(beats: Beats, now: number): number {
  const [last = 0, slept = 0] = beats
  return slept + (last > 0 && now - last > gapMs ? now - last - beatEveryMs : 0)
}

export function noteBeat(beats: Beats, now: number): void {
  beats[1] = sleptUntil(beats, now)
  beats[0] = now
}
