import type { RunId } from '../../core/run'

/**
 * Makes run ids: the time in base 36 and four random characters, so that names sort by age and never hold anything a
 * person typed.
 */
export function idMaker(now: () => Date, random: () => number): (isTaken: (id: RunId) => boolean) => RunId {
  return (isTaken) => {
    const time = Math.max(0, now().getTime()).toString(36).padStart(9, '0').slice(-9)
    for (let attempt = 0; ; attempt++) {
      // A clock that stands still with a generator that repeats itself must still not give an id twice.
      const tail = (Math.floor(random() * 36 ** 4) + attempt) % 36 ** 4
      const id = time + tail.toString(36).padStart(4, '0')
      if (!isTaken(id)) return id
    }
  }
}
