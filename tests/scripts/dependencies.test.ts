import { readFileSync, readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildIfNeeded } from '../../scripts/setup/build.mjs'

const project = join(import.meta.dirname, '..', '..')
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>

/** What is loaded at run time though no built file names it. */
const loadedOtherwise: Readonly<Record<string, string>> = {
  'node-api-headers':
    'scripts/setup/binding.mjs compiles the TensorFlow binding against them on the computer it is for',
}
/** What Electron and Node bring. */
const provided = new Set(['electron', ...builtinModules])

const packageOf = (module: string): string => module.split('/', module.startsWith('@') ? 2 : 1).join('/')

/** The packages that a built file loads from node_modules: by `require`, by `import` or by a `createRequire` of its own. */
const packagesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:require|import|load|createRequire\([^()]*\))(?:\.resolve)?\(\s*["'`]([^"'`$]+)["'`]/g)]
    .map(([, module = '']) => module)
    .filter((module) => !/^(?:[./]|node:)|\.mjs$/.test(module))
    .map(packageOf)
    .filter((name) => !provided.has(name))

describe('the dependencies', () => {
  let loaded: ReadonlySet<string> = new Set()
  beforeAll(async () => {
    await buildIfNeeded(() => undefined)
    const files = ['main', 'preload'].flatMap((room) =>
      readdirSync(join(project, 'out', room), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.js'))
        .map((name) => join(project, 'out', room, name)),
    )
    loaded = new Set(files.flatMap((file) => packagesIn(readFileSync(file, 'utf8'))))
  }, 120_000)

  it('are what the built files load from node_modules, and what is named here with a reason', () => {
    expect([...new Set([...loaded, ...Object.keys(loadedOtherwise)])].sort()).toEqual(Object.keys(dependencies).sort())
  })

  it('are none of the packages that are bundled', () => {
    expect(Object.keys(dependencies).filter((name) => name in devDependencies)).toEqual([])
    expect([...loaded].filter((name) => name in devDependencies)).toEqual([])
  })

  it('are found however a file loads them', () => {
    const text = [
      'let a = require("one");',
      'await import("@scope/two/deep/file.js")',
      "createRequire(file).resolve('three/x.wasm')",
      'load.resolve("@scope/four/package.json")',
      'require("./own.js"), require("node:fs"), require("fs"), import("electron"), load("state.mjs")',
    ]
    expect(packagesIn(text.join('\n'))).toEqual(['one', '@scope/two', 'three', '@scope/four'])
  })
})
