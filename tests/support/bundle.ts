import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from './fakeTraining'

/**
 * Bundles a script of the tests, named from their folder, for plain Node, as the app's own threads and
 * processes are.
 */
export async function bundle(script: string): Promise<string> {
  const outfile = join(temporaryFolder(), basename(script).replace(/\.ts$/, '.cjs'))
  await build({
    entryPoints: [join(__dirname, '..', script)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    // The other form of jsonc-parser cannot be bundled.
    mainFields: ['module', 'main'],
    logLevel: 'error',
  })
  return outfile
}
