// The command line: plain Node, no window. stdout holds the result and nothing else.
import { version } from '../../package.json'
import { fileError } from '../files/fileError'
import { endProcess } from '../files/guard'
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
    const close = nearest(
      name,
      commands.map((one) => one.name),
    )
    throw badInput(
      `There is no command “${name}”${close === null ? '' : `; did you mean “${close}”?`} batchlab --help lists them`,
    )
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
// A result that was cut short by a full disk must not look like a whole one.
let isCutShort = false
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const isGone = error.code === 'EPIPE'
    // Nobody can be told anything any more, but the result can still be made.
    if (stream === process.stderr && !isGone) return
    isUnread = true
    if (!isGone && !isCutShort) {
      isCutShort = true
      terminal.say(fileError('write to', '/dev/stdout', error).message)
    }
    if (!readerLeft()) process.exit(isGone ? 0 : 1)
  })
}

// Whoever started this command as a part of its own work (childProcess.ts) is gone, killed even: nobody waits for the
// result. A training pauses with a checkpoint.
process.once('disconnect', () => {
  if (!readerLeft()) process.exit(1)
})
// The channel alone is no reason to stay.
process.channel?.unref()

const leave = (code: ExitCode): void => {
  const end = (): void => endProcess(isCutShort && code === 0 ? 1 : code)
  if (isUnread) end()
  // What was written must have left this process before it ends; a trainer's thread would keep it alive. A stream tells
  // what went wrong a moment later.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)))
}

main(process.argv.slice(2), terminal).then(leave, (error: unknown) => {
  const { code, message } = outcomeOf(error)
  terminal.say(message)
  if (process.env['BATCHLAB_DEBUG'] !== undefined && error instanceof Error) terminal.say(error.stack ?? '')
  leave(code)
})
