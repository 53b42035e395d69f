import { ESLint } from 'eslint'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import tseslint from 'typescript-eslint'
import { cleanupOnly } from '../../scripts/lint/cleanupOnly.mjs'

const root = resolve(import.meta.dirname, '..', '..')
const head =
  "import { useEffect, useLayoutEffect, useState } from 'react'\ndeclare const follow: (on: () => void) => () => " +
  'void\ndeclare const find: () => (() => void) | undefined\ndeclare const element: HTMLElement | null\ndeclare ' +
  'const load: () => Promise<void>\n'

let eslint: ESLint
const found = async (line: string): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(`${head}export function Part() {\n${line}\nreturn null\n}\n`, {
    filePath: join(root, 'renderer/App.tsx'),
  })
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message)
}

describe('the rule about what React calls again', () => {
  beforeAll(() => {
    eslint = new ESLint({
      cwd: root,
      overrideConfigFile: true,
      overrideConfig: [
        {
          files: ['**/*.tsx'],
          plugins: { batchlab: { rules: { 'cleanup-only': cleanupOnly } } },
          rules: { 'batchlab/cleanup-only': 'error' },
          languageOptions: {
            parser: tseslint.parser as never,
            // Under CI the parser would read each file once from the disk, and never see the lines that are tried here.
            parserOptions: {
              tsconfigRootDir: root,
              project: ['./tsconfig.web.json'],
              disallowAutomaticSingleRunInference: true,
            },
          },
        },
      ],
    })
  })

  it.each([
    // The line that left the window white: TypeScript says void, Chromium gives a promise.
    'useEffect(() => element?.scrollIntoView(), [])',
    'useEffect(() => { return element?.scrollIntoView() }, [])',
    'useLayoutEffect(function () { if (element === null) return; return element.scrollTo(0, 0) }, [])',
    'useEffect(() => load(), [])',
    'useEffect(async () => { await load() }, [])',
    'const [n, setN] = useState(0); useEffect(() => setN(n + 1), [n])',
    'return <p ref={(p) => p?.focus()} />',
  ])(
    'refuses %s',
    async (line) => {
      expect(await found(line)).toEqual(['batchlab/cleanup-only'])
    },
    60_000,
  )

  it.each([
    'useEffect(() => { element?.scrollIntoView() }, [])',
    'useEffect(() => follow(() => undefined), [])',
    'useEffect(() => find(), [])',
    'useEffect(() => { if (element === null) return; return () => { element.blur() } }, [])',
    'useEffect(() => { const inner = () => element?.scrollIntoView(); return follow(() => { inner() }) }, [])',
    'return <p ref={(p) => { p?.focus() }} />',
  ])(
    'allows %s',
    async (line) => {
      expect(await found(line)).toEqual([])
    },
    60_000,
  )
})
