// What a window needs from the system: a display (or Xvfb in its place) and Chromium's shared libraries.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run, which } from './process.mjs'

/** True where windows can be shown to somebody. */
export const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** Names of the shared libraries that a program needs and the system lacks. */
export async function missingLibraries(binary) {
  if (process.platform !== 'linux' || which('ldd') === undefined) return []
  const { output } = await run('ldd', [binary], { timeoutMs: 20_000 })
  return output
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0])
}

const libraryPackages = [
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libatk-bridge2.0-0',
  'libdrm2',
  'libxkbcommon0',
  'libxtst6',
]
const displayPackages = ['xvfb', 'xauth', 'fonts-dejavu-core']

/** The packages (Debian's and Ubuntu's names) that a program with a window still needs here. */
export async function missingPackages(binary, { needsXvfb }) {
  const libraries = (await missingLibraries(binary)).length > 0 ? libraryPackages : []
  return [...(needsXvfb && which('Xvfb') === undefined ? displayPackages : []), ...libraries]
}

/** The command that installs packages on Debian and Ubuntu, for people to read. */
export const installCommand = (packages) =>
  `sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packages.join(' ')}`

/** Installs packages where that needs no question (root on Debian or Ubuntu); returns whether it did. */
export async function installPackages(packages, say) {
  const isPossible =
    process.platform === 'linux' &&
    process.getuid() === 0 &&
    existsSync('/etc/debian_version') &&
    which('apt-get') !== undefined
  if (!isPossible) return false
  say(`Installing system packages: ${packages.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env, timeoutMs: 300_000 })
  const names = []
  for (const name of packages) names.push(await currentName(name))
  const installed = await run('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', ...names], {
    env,
    timeoutMs: 900_000,
  })
  if (!installed.ok) say(`apt-get could not install them: ${installed.output.trim().split('\n').at(-1)}`)
  return installed.ok
}

// Debian 13 and Ubuntu 24.04 renamed some libraries (64-bit time), and not every old name leads to the new one.
async function currentName(name) {
  const renamed = `${name}t64`
  return (await run('apt-cache', ['show', renamed])).ok ? renamed : name
}

// The server ends with the pipe to this process, which breaks however this process ends: killed, it could not stop the
// server.
const withThisProcess =
  'exec 4<&0; Xvfb "$@" & server=$!; (cat <&4 >/dev/null; kill $server 2>/dev/null) & wait $server'

/** Starts Xvfb on a free display and resolves with `{ display, stop }`; it ends with this process. */
export function startXvfb() {
  return new Promise((resolve, reject) => {
    const server = spawn(
      'sh',
      ['-c', withThisProcess, 'sh', '-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'],
      { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] },
    )
    let number = ''
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code} before it had a display.`)))
    server.stdio[3].setEncoding('utf8').on('data', (text) => {
      number += text
      if (number.endsWith('\n')) resolve({ display: `:${number.trim()}`, stop: () => server.stdin.end() })
    })
  })
}
