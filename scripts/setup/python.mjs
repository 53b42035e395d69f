// Python is only the ordinary client for the registry that has TensorFlow's library; no Python code of ours trains
// anything.
import path from 'node:path'
import { cacheFolder } from './cache.mjs'
import { Problem } from './problem.mjs'
import { run, which } from './process.mjs'

/**
 * The path of a Python 3 that has pip, made in a private environment if need be; throws a Problem when there is none.
 */
export async function findPython() {
  const found = []
  for (const name of [process.env.BATCHLAB_PYTHON, 'python3', 'python'].filter(Boolean)) {
    const python = which(name)
    if (python === undefined) continue
    const isThree = await run(python, ['-c', 'import sys, zipfile, zlib; sys.exit(sys.version_info < (3, 8))'], {
      timeoutMs: 20_000,
    })
    if (isThree.ok) found.push(python)
  }
  for (const python of found) if (await hasPip(python)) return python
  for (const python of found) {
    const folder = path.join(cacheFolder(), 'python')
    const inside = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
    if (await hasPip(inside)) return inside
    await run(python, ['-m', 'venv', '--clear', folder], { timeoutMs: 120_000 })
    if (await hasPip(inside)) return inside
  }
  if (found.length > 0)
    throw new Problem('Python has no pip (on Debian and Ubuntu: apt-get install python3-pip)', {
      packages: ['python3-pip'],
    })
  throw new Problem(
    'no Python 3.8 or newer was found to download it with (install python3 and python3-pip, or name one in ' +
      'BATCHLAB_PYTHON)',
    { packages: ['python3', 'python3-pip'] },
  )
}

const hasPip = async (python) => (await run(python, ['-m', 'pip', '--version'], { timeoutMs: 20_000 })).ok
