import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

// The table of rooms: what a file may import, besides its own room. Checked here so that it holds without a linter.
const root = resolve(import.meta.dirname, '..')
const node = /^node:/
const knowsElectron = /^(main\/electron\/|main\/index\.ts$|main\/hosts\/utilityHost\.ts$|preload\/index\.ts$)/
const electron = /^electron(-log.*)?$/

interface Room {
  readonly folder: string
  readonly rooms: readonly string[]
  readonly packages: readonly RegExp[]
}
const rooms: readonly Room[] = [
  { folder: 'core', rooms: ['core'], packages: [/^zod$/, /^pure-rand/] },
  { folder: 'content', rooms: ['core', 'content'], packages: [/^zod$/] },
  { folder: 'main/files', rooms: ['core', 'main/files'], packages: [node, /^zod$/, /^lowdb$/, /^jsonc-parser$/] },
  {
    folder: 'main/data',
    rooms: ['core', 'content', 'main/files', 'main/data'],
    packages: [node, /^zod$/, /^pngjs$/, /^jpeg-js$/, /^tar-stream$/, /^yauzl$/, /^@jsquash\/webp\//],
  },
  {
    folder: 'main/trainer',
    rooms: ['core', 'main/files', 'main/data', 'main/trainer', 'package.json'],
    packages: [node, /^@tensorflow\//, /^protobufjs/],
  },
  {
    folder: 'main/library',
    rooms: ['core', 'main/files', 'main/library', 'main/requests', 'package.json'],
    packages: [node, /^zod$/, /^lowdb$/],
  },
  {
    folder: 'main/queue',
    rooms: ['core', 'main/files', 'main/data', 'main/library', 'main/queue', 'main/requests'],
    packages: [node],
  },
  {
    folder: 'main/hosts',
    rooms: ['core', 'main/files', 'main/hosts', 'main/trainer', 'main/library'],
    packages: [node],
  },
  { folder: 'main/exports', rooms: ['core', 'content', 'main/exports'], packages: [] },
  {
    folder: 'main/requests',
    rooms: [
      'core',
      'content',
      'main/files',
      'main/data',
      'main/library',
      'main/queue',
      'main/exports',
      'main/requests',
    ],
    packages: [node, /^zod$/],
  },
  { folder: 'main/electron', rooms: ['core', 'main', 'package.json'], packages: [node] },
  { folder: 'bench/measurements', rooms: ['core', 'main', 'bench', 'package.json'], packages: [node] },
  { folder: 'bench', rooms: ['core', 'main', 'bench'], packages: [node] },
  { folder: 'main', rooms: ['core', 'content', 'main', 'bench', 'package.json', 'scripts'], packages: [node, /^zod$/] },
  { folder: 'preload', rooms: ['core', 'preload'], packages: [] },
  {
    folder: 'renderer',
    rooms: ['core', 'content', 'renderer'],
    packages: [/^zod$/, /^react/, /^zustand/, /^@mantine\//, /^@tanstack\//, /^lucide-react/, /^plotly\.js/, /\.css$/],
  },
]

// What loads TensorFlow as soon as it is loaded itself, and who never may.
const tensorflow = /^(main\/trainer|bench\/(measurements|process))/
const staysLight = ({ folder }: Room, file: string): boolean =>
  (folder === 'main' || folder === 'bench') && file !== 'bench/process.ts'
const benchCommand = /^main\/cli\/(bench|commands\/bench)/

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

const importPattern =
  /(?:^|\n)\s*(import\s+type|import|export\s+type|export)\s*(?:[^'"`;]*?\sfrom\s*)?['"]([^'"\n]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g
const importsOf = (file: string): readonly { readonly name: string; readonly isType: boolean }[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)].map((match) => ({
    name: match[2] ?? match[3] ?? '',
    isType: (match[1] ?? '').includes('type'),
  }))

function wrongImports(): readonly string[] {
  const seen = new Set<string>()
  const wrong: string[] = []
  for (const room of rooms) {
    for (const file of sourcesIn(room.folder)) {
      if (seen.has(file)) continue
      seen.add(file)
      for (const { name, isType } of importsOf(file)) {
        const path = name.startsWith('.') ? posix.join(dirname(file), name) : null
        const isAllowed =
          path === null
            ? room.packages.some((pattern) => pattern.test(name)) || (knowsElectron.test(file) && electron.test(name))
            : room.rooms.some((other) => path === other || path.startsWith(`${other}/`))
        if (!isAllowed) wrong.push(`${file} imports ${name}`)
        if (path !== null && staysLight(room, file) && tensorflow.test(path) && !isType)
          wrong.push(`${file} imports ${name}, which would load TensorFlow outside the trainer`)
        if (path?.startsWith('bench/') === true && file.startsWith('main/') && !benchCommand.test(file))
          wrong.push(`${file} imports ${name}, which only the command bench needs`)
        if (
          /^plotly\.js/.test(name) &&
          file !== 'renderer/charts/plotly.ts' &&
          file !== 'renderer/charts/ChartView.tsx'
        )
          wrong.push(`${file} imports ${name}`)
        if (file.startsWith('preload/') && path !== null && !isType)
          wrong.push(`${file} imports ${name}: only types keep the preload script sandboxed`)
      }
    }
  }
  return wrong
}

// Files of a library and of a person's data are reached through main/files/fs.ts and guard.ts only, which follow no
// link there and open nothing but regular files. Each other place that reads, writes or removes anything by itself,
// with what it is about.
const ownFiles: Readonly<Record<string, string>> = {
  'main/files/fs.ts': 'the port itself',
  'main/files/guard.ts': 'the port itself',
  'main/files/lock.ts': 'what Linux says of processes',
  'main/files/durableWrite.ts': 'what Linux says of processes',
  'main/files/temporaryFolder.ts': 'temporary folders',
  'main/trainer/diskSpace.ts': 'sizes, and how much is free',
  'main/trainer/capture/savedModel.ts': 'a temporary folder',
  'main/cli/figures.ts': 'a temporary folder',
  'main/cli/resumeCheck.ts': 'a temporary folder',
  'main/cli/commands/verifyResume.ts': 'a temporary folder',
  'main/data/webp.ts': 'a file of the program',
  'main/data/imageFiles.ts': 'a file that it has just walked to, no link followed',
}
/** What only looks, and what reads from a file that is open already. */
const looking = new Set([
  'existsSync',
  'statSync',
  'lstatSync',
  'readdirSync',
  'realpathSync',
  'statfsSync',
  'access',
  'closeSync',
  'readSync',
  'fstatSync',
  'constants',
  'Stats',
  'ReadStream',
])
const fileRooms = ['main/files', 'main/library', 'main/queue', 'main/trainer', 'main/data', 'main/cli']

function wayRound(): readonly string[] {
  return fileRooms
    .flatMap(sourcesIn)
    .filter((file) => ownFiles[file] === undefined)
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      const names = [...text.matchAll(/import (?:type )?\{([^}]*)\} from 'node:fs(?:\/promises)?'/g)].flatMap(
        ([, list = '']) => list.split(',').map((name) => name.trim().replace(/^type /, '')),
      )
      const others = [...text.matchAll(/(?:import \*|require\(|import\().*node:fs/g)].map(() => 'all of node:fs')
      return [...names.filter((name) => name !== '' && !looking.has(name)), ...others].map(
        (name) => `${file} uses ${name} of node:fs beside the file-system port`,
      )
    })
}

describe('the file-system port', () => {
  it('is the only way to the files of a library and of data', () => {
    expect(wayRound()).toEqual([])
  })

  it('knows of no file that needs no way of its own', () => {
    expect(
      Object.keys(ownFiles).filter(
        (file) => !/from 'node:fs(\/promises)?'/.test(readFileSync(join(root, file), 'utf8')),
      ),
    ).toEqual([])
  })
})

describe('the table of imports', () => {
  it('holds for every source file', () => {
    expect(wrongImports()).toEqual([])
  })

  it('has a room for each that CONTRIBUTING names with its purpose, and no other', () => {
    const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
    const described = [...page.matchAll(/^\| `([\w/]+)\/` \| (.+) \|$/gm)].map(([, folder = '']) => folder)
    // What the window's start and the measurements are allowed is part of main's and bench's rows.
    const listed = rooms
      .map(({ folder }) => folder)
      .filter((folder) => !['main', 'bench/measurements'].includes(folder))
    expect(described.filter((folder) => folder !== 'main/cli').sort()).toEqual([...listed].sort())
  })

  it('sees imports of every form', () => {
    const found = [
      ...(
        `import a from 'a'\nimport type { b } from "b"\nexport { c } from 'c'\nimport 'd'\nconst e = await ` +
        "import('e')\nimport {\n  f,\n} from 'f'"
      ).matchAll(importPattern),
    ].map((match) => match[2] ?? match[3])
    expect(found.sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })
})
