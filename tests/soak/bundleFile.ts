import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from '../support/fakeTraining'

/** Bundles a script for plain Node, as the app's own processes are. */
export async function bundleFile(script: string): Promise<string> {
  const outfile = join(temporaryFolder(), basename(script).replace(/\.ts$/, '.cjs'))
  await build({
    entryPoints: [script],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    // The other form of jsonc-parser cannot be bundled.
    mainFields: ['module', 'main'],
    logLevel: 'error',
    // One that trains needs the engines of the checkout: NODE_PATH must lead to them.
    external: ['@tensorflow/*'],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href' },
  })
  return outfile
}
