import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const Remembered = z.strictObject({ program: z.string(), lists: z.array(z.string()) })
// One for each library that somebody goes between.
const rememberedAtMost = 16

/**
 * The checksums of lists of runs that this very program has checked record by record: such a list needs no second
 * check.
 */
export interface CheckedLists {
  readonly has: (sha256: string) => boolean
  readonly add: (sha256: string) => Promise<void>
}

/**
 * Keeps them in a file of the person's own profile: a library that comes from somebody else cannot say of itself that
 * it was checked. A file that is lost, torn or another program's costs one check.
 */
export async function openCheckedLists(path: string, program: string): Promise<CheckedLists> {
  let lists: readonly string[] = []
  try {
    const { success, data } = Remembered.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (success && data.program === program) ({ lists } = data)
  } catch {
    /* not there yet */
  }
  return {
    has: (sha256) => lists.includes(sha256),
    add: async (sha256) => {
      lists = [sha256, ...lists.filter((known) => known !== sha256)].slice(0, rememberedAtMost)
      await writeFile(path, `${JSON.stringify({ program, lists })}\n`).catch(() => undefined)
    },
  }
}
