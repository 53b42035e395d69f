// A process that asks a disk which never answers, here the pipe that it is given, and ends once it has given it up.
import { promises } from 'node:fs'
import { answered, endProcess } from '../../main/files/guard'

const [, , pipe = ''] = process.argv
answered(pipe, promises.open(pipe, 'r'), (late) => late.close(), 50).catch((error: unknown) => {
  process.stdout.write(String(error), () => endProcess(3))
})
