// A process that downloads a data set of the test's own: the published ones are large, and elsewhere.
import { downloadData } from '../../main/cli/commands/dataDownload'
import { outcomeOf } from '../../main/cli/failure'
import { createTerminal } from '../../main/cli/terminal'
import type { PublishedData } from '../../content/publishedData'

const [set = '{}', library = ''] = process.argv.slice(2)
const terminal = createTerminal(process.stdout, process.stderr)
downloadData({ words: ['small'], from: undefined, json: true, library }, terminal, [
  JSON.parse(set) as PublishedData,
]).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const { code, message } = outcomeOf(error)
    terminal.say(message)
    process.exitCode = code
  },
)
