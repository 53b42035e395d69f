import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { reportLines } from '../../../core/libraryReport'
import { defineCommand } from '../command'
import { badInput } from '../failure'
import { libraryOptions } from '../libraryAccess'
import { verifyLibrary } from '../../library/checkLibrary'
import { libraryFolder } from '../paths'

export const verify = defineCommand({
  options: {
    json: { type: 'boolean', help: 'One JSON value: what was checked, and every problem' },
    ...libraryOptions,
  },
  notes: [
    'Reads every file and changes none: records and their checksums, every line of every log, every tensor of ' +
      'every checkpoint.',
  ],
  positionals: ['[LIBRARY]'],
  run: async ({ json, dir }, [named], terminal) => {
    const folder = named === undefined ? libraryFolder(dir) : resolve(named)
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw badInput(`There is no library in ${folder}`)
    const report = await verifyLibrary(folder, (what) => terminal.status(what))
    terminal.status('')
    if (json) terminal.printJson(report)
    else for (const line of reportLines(report)) terminal.print(line)
    return report.problems.length === 0 ? 0 : 1
  },
})
