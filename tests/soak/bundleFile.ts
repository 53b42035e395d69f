import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from '../main/miniature'

/** Bundles a script for plain Node, as the app's own processes are. */
export async function bundleFile(script: string): Promise<string> {
  const outfile = join(temporaryFolder(), basename(script).replace(/\.ts$/, '.cjs'))
  await build({ entryPoints: [script], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node18', logLevel: 'error' })
  return outfile
}
