import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { errorText } from '../../core/errorText'
import type { Run } from '../../core/run'
import { isLive } from '../../core/run'
import { lockOwner } from '../files/lock'
import { openLibrary, type Library } from '../library/library'
import { badInput, failed } from './failure'
import { libraryFolder } from './paths'
import type { Terminal } from './terminal'

/** The option that names a library. */
export const libraryOptions = {
  dir: {
    type: 'string',
    value: 'LIBRARY',
    help: 'The library folder; otherwise BATCHLAB_LIBRARY, otherwise that of the app',
  },
} as const

/** The options of commands that change a library. */
export const writingOptions = {
  ...libraryOptions,
  'take-over': {
    type: 'boolean',
    help: 'Take the library from a program, perhaps on another computer, that gives no sign of life for 16 s',
  },
} as const

/** A library as it lies on disk, whoever writes it meanwhile. */
export interface LibraryView {
  readonly library: Library
  /** All runs; none is called live whose process is gone. */
  readonly runs: readonly Run[]
}

/** Looks at a library without locking or changing anything: listing runs must never keep the app from opening. */
export async function viewLibrary(dir: string | undefined, terminal: Terminal): Promise<LibraryView> {
  const folder = libraryFolder(dir)
  if (dir !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw badInput(`There is no library in ${folder}`)
  const library = await openLibrary(folder, { readOnly: true })
  // What is no lock keeps nobody from looking.
  const owner = await lockOwner(join(folder, 'library.lock')).catch((error: unknown) => {
    terminal.say(errorText(error))
    return null
  })
  const runs = library.runs().map((run) => (owner === null ? withoutTrainer(run) : run))
  for (const { level, message } of library.notices()) if (level !== 'information') terminal.say(message)
  return { library, runs }
}

/** A run as it is when nobody writes its library: what was live was interrupted. */
const withoutTrainer = (run: Run): Run =>
  isLive(run.status) || run.status === 'queued'
    ? { ...run, status: 'interrupted', message: 'Batchlab ended while this run was in progress' }
    : run

const patienceMs = 3000

/** Waits a moment for whoever writes a library to give it back; whether nobody has it now. */
export async function becomesFree(dir: string | undefined): Promise<boolean> {
  const path = join(libraryFolder(dir), 'library.lock')
  for (const began = performance.now(); performance.now() - began < patienceMs; await wait(150)) {
    if ((await lockOwner(path)) === null) return true
  }
  return false
}

/** Opens a library to change it, and gives it back. Another command may hold it for a moment: that is waited for. */
export async function withLibrary<T>(
  dir: string | undefined,
  terminal: Terminal,
  use: (library: Library) => Promise<T>,
  takeOver = false,
): Promise<T> {
  const folder = libraryFolder(dir)
  await becomesFree(dir)
  if (takeOver && (await lockOwner(join(folder, 'library.lock'))) !== null)
    terminal.say('Watching for signs of life of the program that has the library …')
  const library = await openLibrary(folder, { takeOver })
  try {
    for (const { level, message } of library.notices()) if (level !== 'information') terminal.say(message)
    if (library.readOnly !== '') throw failed(library.readOnly)
    library.listen((event) => {
      if (event.type === 'notice') terminal.say(event.notice.message)
    })
    return await use(library)
  } finally {
    await library.close()
  }
}
