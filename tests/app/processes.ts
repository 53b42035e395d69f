import { readFileSync, readdirSync } from 'node:fs'

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process of a Linux machine. */
function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state = '', parent = ''] = status.slice(status.lastIndexOf(')') + 2).split(' ')
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }]
      } catch {
        // It ended while we looked.
        return []
      }
    })
}

/** The processes below one, at any depth. */
export function descendants(pid: number): readonly Process[] {
  const all = processes()
  const found = new Set([pid])
  for (let before = 0; before < found.size;) {
    before = found.size
    for (const each of all) if (found.has(each.parent)) found.add(each.pid)
  }
  return all.filter((each) => each.pid !== pid && found.has(each.pid))
}

export const renderersOf = (pid: number): readonly number[] =>
  descendants(pid)
    .filter(({ command }) => command.includes('--type=renderer'))
    .map((each) => each.pid)

/** Trainers are the only utility processes that run Node. */
export const trainersOf = (pid: number): readonly number[] =>
  descendants(pid)
    .filter(({ command }) => command.includes('--utility-sub-type=node.mojom.NodeService'))
    .map((each) => each.pid)

export const isAlive = (pid: number): boolean => processes().some((each) => each.pid === pid)
