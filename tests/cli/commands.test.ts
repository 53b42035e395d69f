import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import { withSettings } from '../../main/cli/configInput'
import { configReference } from '../../main/cli/configReference'
import { commands } from '../../main/cli/commands'
import { commandHelp, overview } from '../../main/cli/help'
import { nearest } from '../../main/cli/nearest'
import { userData } from '../../main/cli/paths'
import { findRun } from '../../main/cli/runArgument'
import { plain } from '../../core/plain'
import { formatClock } from '../../core/numbers'
import { cutToWidth } from '../../main/cli/terminal'
import { table } from '../../main/cli/format'
import { batchlab, cliFile } from './built'
import { madeRun } from '../support/madeRun'

const root = join(import.meta.dirname, '..', '..')
const page = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')

describe('the table of commands', () => {
  it('has help for every command and every option', async () => {
    const all = overview(commands)
    for (const entry of commands) {
      expect(all).toContain(`  ${entry.name}`)
      const command = await entry.load()
      const help = commandHelp(entry, command)
      expect(help).toContain(`Usage: batchlab ${entry.name}`)
      for (const [name, option] of Object.entries(command.options)) {
        expect(option.help, `${entry.name} --${name}`).toMatch(/^\S.{5,}/)
        expect(help).toContain(`--${name}`)
      }
    }
  })

  it('is described in docs/command-line.md, option by option', async () => {
    const text = page('command-line.md')
    for (const { name, load } of commands) {
      expect(text, name).toContain(name)
      for (const option of Object.keys((await load()).options)) {
        // Every command has these two, and these are only for doctor itself and in the help of their commands.
        if (!['width', 'height', 'engines-only', 'chart'].includes(option))
          expect(text, `${name} --${option}`).toContain(`--${option}`)
      }
    }
  })

  it('prints help and version on stdout', async () => {
    const help = await batchlab(['train', '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--set PATH=VALUE')
    expect((await batchlab(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await batchlab([])).code).toBe(2)
  })
})

describe('docs/config-reference.md', () => {
  it('is what the schema says (npx batchlab schema --markdown > docs/config-reference.md)', () => {
    expect(page('config-reference.md')).toBe(configReference())
  })
})

describe('the built command line', () => {
  it('loads no TensorFlow, whatever the command', () => {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const follow = (file: string): void => {
      if (seen.has(file) || !existsSync(file)) return
      seen.add(file)
      for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:require|import)\(\s*["']([^"']+)["']\s*\)/g)) {
        if (name!.startsWith('.')) follow(join(dirname(file), name!))
        else packages.add(name!)
      }
    }
    follow(cliFile)
    expect(seen.size).toBeGreaterThan(5)
    expect([...packages].filter((name) => name.startsWith('@tensorflow') || name === 'electron')).toEqual([])
  })
})

describe('--set', () => {
  const config = RunConfig.parse({})

  it('changes a kind before what belongs to it, whatever the order', () => {
    expect(withSettings(config, ['network.depth=20', 'network.type=resnet']).network).toMatchObject({
      type: 'resnet',
      depth: 20,
    })
  })

  it('keeps the settings of a kind that stays', () => {
    const deep = withSettings(config, ['network.type=resnet', 'network.depth=20'])
    expect(withSettings(deep, ['network.type=resnet']).network).toMatchObject({ depth: 20 })
  })

  it('reads numbers, lists, null and texts', () => {
    const changed = withSettings(config, [
      'network.type=mlp',
      'network.hidden=[8, 9]',
      'batch.microBatch=null',
      'name=17',
      'learningRate.base=1e-3',
    ])
    expect(changed).toMatchObject({
      name: '17',
      network: { hidden: [8, 9] },
      batch: { microBatch: null },
      learningRate: { base: 0.001 },
    })
  })

  it('does not change the config it is given', () => {
    withSettings(config, ['batchSize=7'])
    expect(config.batchSize).toBe(128)
  })
})

describe('RUN', () => {
  const runs = [
    madeRun({ name: 'one' }, 1, '0aaaaaaa1'),
    madeRun({ name: 'two' }, 1, '0aaaaaab2'),
    madeRun({ name: 'two' }, 1, '0bbbbbbb3'),
    madeRun({ name: '0aaa' }, 1, '0ccccccc4'),
  ].map(({ run }) => run)

  it('is an id, the beginning of one, or a name', () => {
    expect(findRun(runs, '0bbbbbbb3').id).toBe('0bbbbbbb3')
    expect(findRun(runs, '0b').id).toBe('0bbbbbbb3')
    expect(findRun(runs, 'one').id).toBe('0aaaaaaa1')
  })

  it('prefers a name to the beginning of an id', () => {
    expect(findRun(runs, '0aaa').id).toBe('0ccccccc4')
  })

  it('must fit one run', () => {
    expect(() => findRun(runs, 'two')).toThrow(/“two” fits 2 runs: 0aaaaaab2 \(two\), 0bbbbbbb3 \(two\)/)
    expect(() => findRun(runs, '0aaaaaa')).toThrow(/fits 2 runs/)
    expect(() => findRun(runs, 'three')).toThrow(/There is no run “three”/)
    expect(() => findRun(runs, '')).toThrow(/There is no run/)
  })

  it('finds a run in the trash by its id alone', () => {
    const removed = runs.map((run) => ({ ...run, removedAt: run.id === '0aaaaaab2' ? '2030-01-01' : null }))
    expect(findRun(removed, 'two').id).toBe('0bbbbbbb3')
    expect(findRun(removed, '0aaaaaab2').removedAt).not.toBeNull()
  })
})

describe('words for people', () => {
  it('show no control characters and cut long names in the middle', () => {
    expect(plain('a\u001b[31mb\u202ec\n')).toBe('a\ufffd[31mb\ufffdc\n')
    expect(cutToWidth('abcdefghij', 7)).toBe('abc…hij')
    expect(cutToWidth('a\nb', 9)).toBe('a b')
  })

  it('suggest what was meant', () => {
    expect(nearest('trian', ['train', 'plan'])).toBe('train')
    expect(nearest('xyzzy', ['train', 'plan'])).toBeNull()
  })

  it('tell durations', () => {
    expect([0.0412, 0.148, 9.94, 59.4, 61, 3723].map(formatClock)).toEqual([
      '0.041 s',
      '0.15 s',
      '9.9 s',
      '59 s',
      '1:01',
      '1:02:03',
    ])
    expect(formatClock(null)).toBe('–')
  })

  it('set numbers flush right', () => {
    expect(
      table(
        ['name', 'n#'],
        [
          ['a', '1'],
          ['bcdef', '23'],
        ],
      ),
    ).toBe('name    n\na       1\nbcdef  23')
  })
})

describe('the library of the app', () => {
  it('lies where Electron keeps userData on each platform', () => {
    expect(userData({ XDG_CONFIG_HOME: '/x' }, 'linux')).toBe(join('/x', 'Batchlab'))
    expect(userData({}, 'linux')).toMatch(/\.config.Batchlab$/)
    expect(userData({}, 'darwin')).toMatch(/Library.Application Support.Batchlab$/)
    expect(userData({ APPDATA: 'C:\\a' }, 'win32')).toBe(join('C:\\a', 'Batchlab'))
  })
})
