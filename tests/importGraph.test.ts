import { describe, expect, it } from 'vitest'
import { importCycles, importGraph } from './importGraph.mjs'

describe('the import graph', () => {
  const graph = importGraph()

  it('has no cycle, neither by value nor by type', () => {
    expect(importCycles(graph).map((cycle) => cycle.join(' → '))).toEqual([])
  })

  it('holds static, dynamic and type imports', () => {
    expect(graph.get('main/library/library.ts')).toContain('core/run.ts')
    expect(graph.get('main/cli/commands.ts')).toContain('main/cli/commands/train.ts')
    expect(graph.get('core/chance.ts')).toContain('core/score.ts')
  })

  it('names the files of a cycle in the order of their imports, once', () => {
    const cyclic = new Map([
      ['a', ['b', 'd']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['d']],
      ['e', ['a']],
    ])
    expect(importCycles(cyclic)).toEqual([
      ['a', 'b', 'c', 'a'],
      ['d', 'd'],
    ])
  })
})
