// Wheels: download with pip into a folder of its own, compare with the pin, only then call it downloaded.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { bytesUnder, cacheFolder, hashOf, moveIntoPlace, setupFolder, temporaryFolder } from './cache.mjs'
import { Problem } from './problem.mjs'
import { lastLine, run } from './process.mjs'

const downloads = () => path.join(cacheFolder(), 'downloads')

/** Downloads one pinned wheel and returns its file; one that is already there whole is not fetched again. */
export async function downloadWheel(pin, python, progress) {
  const file = path.join(downloads(), pin.file)
  if (existsSync(file) && statSync(file).size === pin.bytes) return file

  const folder = temporaryFolder('wheel')
  const step = progress.step(`Downloading ${pin.name} ${pin.version}`, pin.bytes, () => bytesUnder(folder))
  try {
    // pip streams into TMPDIR: with that inside the folder, its growth is the progress, whatever pip's version prints.
    const partial = path.join(folder, 'partial')
    mkdirSync(partial)
    const result = await run(python, pipArguments(pin, path.join(folder, 'whole')), {
      cwd: folder,
      env: { TMPDIR: partial, TEMP: partial, TMP: partial, PIP_REQUIRE_VIRTUALENV: 'false' },
      progress: () => bytesUnder(folder),
      stallMs: 90_000,
    })
    const arrived = path.join(folder, 'whole', pin.file)
    if (!existsSync(arrived)) {
      const why = result.stopped ? 'the download stood still' : 'is the network down?'
      throw new Problem(
        `${pin.name} ${pin.version} could not be downloaded (${why} pip said: ${pipMessage(result.output)})`,
        { costly: true },
      )
    }
    if (statSync(arrived).size !== pin.bytes || (await hashOf(arrived, 'sha256', 'hex')) !== pin.sha256) {
      throw new Problem(`the downloaded ${pin.file} does not match its pinned checksum and was thrown away`, {
        costly: true,
      })
    }
    moveIntoPlace(arrived, file)
    return file
  } finally {
    step.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Unpacks the parts of a downloaded wheel that are needed here. */
export async function unpackWheel(file, folder, python) {
  mkdirSync(folder, { recursive: true })
  const script = path.join(setupFolder, 'unpack.py')
  const result = await run(python, [script, file, folder, ...neededParts])
  if (!result.ok)
    throw new Problem(`${path.basename(file)} could not be unpacked (${lastLine(result.output)})`, { costly: true })
}

/** Removes downloads once what was in them is in its place. */
export function removeDownloads(pins) {
  for (const pin of pins) rmSync(path.join(downloads(), pin.file), { force: true })
}

// Libraries, the headers that the binding includes (and what those include), and licences.
const neededParts = [
  'tensorflow/libtensorflow_',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
  'tensorflow/include/LICENSE',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
  'nvidia/',
  'nvidia_',
]

// A fixed Python version and platform: the pin must not depend on the Python that happens to be here.
const pipArguments = (pin, folder) => [
  '-m',
  'pip',
  'download',
  '--quiet',
  '--no-input',
  '--disable-pip-version-check',
  '--no-cache-dir',
  '--no-deps',
  '--only-binary=:all:',
  '--python-version',
  '3.11',
  '--implementation',
  'cp',
  '--platform',
  pin.platform,
  '--retries',
  '2',
  '--timeout',
  '20',
  '--dest',
  folder,
  `${pin.name}==${pin.version}`,
]

function pipMessage(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('ERROR:'))
  return (lines[0] ?? lastLine(output)).replace(/^ERROR: /, '').slice(0, 200) || 'nothing'
}
