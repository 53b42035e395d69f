import { describe, expect, it } from 'vitest'
import { argumentAfter } from '../../main/electron/argument'

describe('argumentAfter', () => {
  it.each<[readonly string[], string | null]>([
    [['electron', '.', '--dir', '/a b'], '/a b'],
    [['electron', '.', '--dir=/a=b'], '/a=b'],
    [['electron', '.'], null],
    [['electron', '--dir'], null],
    [['electron', '--dir='], null],
    [['electron', '--directory', 'x'], null],
  ])('reads %j as %j', (args, expected) => {
    expect(argumentAfter(args, '--dir')).toBe(expected)
  })
})
