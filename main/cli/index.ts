// The command line: plain Node, no window. stdout holds the result and nothing else.
import { version } from '../../package.json'
import { commands } from './commands'
import { badInput, outcomeOf, type ExitCode } from './failure'
import { commandHelp, overview } from './help'
import { readerLeft } from './interrupts'
import { nearest } from './nearest'
import { createTerminal, type Terminal } from './terminal'

async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = args
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    terminal.print(overview(commands))
    return first === undefined ? 2 : 0
  }
  if (first === '--version' || first === '-v') {
    terminal.print(version)
    return 0
  }
  const [name = '', own] = first === 'help' ? [rest[0], ['--help']] : [first, rest]
  const entry = commands.find((one) => one.name === name)
  if (entry === undefined) {
    const close = nearest(name, commands.map((one) => one.name))
    throw badInput(`There is no command “${name}”${close === null ? '' : `; did you mean “${close}”?`} batchlab --help lists them`)
  }
  const command = await entry.load()
  const untilDashes = own.slice(0, own.includes('--') ? own.indexOf('--') : own.length)
  if (untilDashes.includes('--help') || untilDashes.includes('-h')) {
    terminal.print(commandHelp(entry, command))
    return 0
  }
  return await command.invoke(own, terminal)
}

const terminal = createTerminal(process.stdout, process.stderr)

// `batchlab list | head` ends the reader first: that is no fault. A training is told, and pauses with a checkpoint.
let isUnread = false
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    isUnread = true
    if (!readerLeft()) process.exit(error.code === 'EPIPE' || stream === process.stderr ? 0 : 1)
  })
}

const leave = (code: ExitCode): void => {
  if (isUnread) process.exit(code)
  // What was written must have left this process before it ends; a trainer's thread would keep it alive.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

main(process.argv.slice(2), terminal).then(leave, (error: unknown) => {
  const { code, message } = outcomeOf(error)
  terminal.say(message)
  if (process.env['BATCHLAB_DEBUG'] !== undefined && error instanceof Error) terminal.say(error.stack ?? '')
  leave(code)
})
