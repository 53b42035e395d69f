/* A name means one thing: who searches for it finds one declaration, and nobody imports its namesake. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourcesIn(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })

/** The names that a source text exports, each once: a schema and its type may share one. */
function exportedNames(file: string, text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const statement of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
    const isExported =
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    if (!isExported) continue
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) if (ts.isIdentifier(name)) names.add(name.text)
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
    ) {
      if (statement.name !== undefined) names.add(statement.name.text)
    }
  }
  return names
}

/** Each name that more than one file exports, with its files. */
function homonyms(sources: readonly (readonly [file: string, text: string])[]): readonly string[] {
  const files = new Map<string, string[]>()
  for (const [file, text] of sources)
    for (const name of exportedNames(file, text)) files.set(name, [...(files.get(name) ?? []), file])
  return [...files].flatMap(([name, all]) => (all.length > 1 ? [`${name}: ${all.join(', ')}`] : []))
}

describe('an exported name', () => {
  it('is exported by one file only', () => {
    const files = ['core', 'content', 'main', 'preload', 'renderer', 'bench'].flatMap(sourcesIn)
    expect(files.length).toBeGreaterThan(400)
    expect(homonyms(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))).toEqual([])
  })

  it('is found out where two files export it, as a value or as a type', () => {
    const twice = homonyms([
      ['a.ts', 'export const one = 1\nexport type Two = string\nexport const Schema = 1\nexport type Schema = string'],
      ['b.ts', 'export function one() {}\nconst three = 3'],
      ['c.ts', 'export interface Two {}\nexport class three {}'],
    ])
    expect(twice).toEqual(['one: a.ts, b.ts', 'Two: a.ts, c.ts'])
  })
})
