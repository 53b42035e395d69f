import { create } from 'zustand'
import type { DataConfig } from '../../core/config/data'
import type { DataInspection } from '../../core/inspection'
import type { Issue } from '../../core/issue'
import { call } from '../api'

/** What is known of a data set. */
export type Inspection =
  | { readonly state: 'unknown' }
  | ({ readonly state: 'known' } & DataInspection)
  | { readonly state: 'refused'; readonly issues: readonly Issue[] }

// Augmentation and normalisation say nothing about which images there are, so typing into them reads nothing anew.
const keyOf = ({ augmentation: _, normalisation: __, ...data }: DataConfig): string => JSON.stringify(data)

/** Data sets that were looked at since the window opened. */
export const useInspections = create<Readonly<Record<string, Inspection>>>()(() => ({}))

const remembered = 24
const asked = new Set<string>()

export const inspectionIn = (known: Readonly<Record<string, Inspection>>, data: DataConfig): Inspection =>
  known[keyOf(data)] ?? { state: 'unknown' }
export const inspectionOf = (data: DataConfig): Inspection => inspectionIn(useInspections.getState(), data)

/** Has main look at a data set, once. */
export async function inspect(data: DataConfig): Promise<void> {
  if (!asked.has(keyOf(data))) await inspectAgain(data)
}

/** Has main look at a data set that may have changed since; what is known of it stays until the answer is here. */
export async function inspectAgain(data: DataConfig): Promise<void> {
  const key = keyOf(data)
  asked.add(key)
  const reply = await call('data.inspect', data)
  const inspection: Inspection = reply.ok
    ? { state: 'known', ...reply.value }
    : {
        state: 'refused',
        issues: reply.issues.map(({ path, message }) => ({
          path: path === '' ? 'data.source' : path.startsWith('data') ? path : `data.${path}`,
          message,
        })),
      }
  useInspections.setState((known) => {
    const kept = Object.entries(known)
      .filter(([other]) => other !== key)
      .slice(1 - remembered)
    for (const other of Object.keys(known)) if (!kept.some(([name]) => name === other)) asked.delete(other)
    asked.add(key)
    return Object.fromEntries([...kept, [key, inspection]])
  }, true)
}

/** Forgets what was refused, so that it can be tried again: the file may have been put in place meanwhile. */
export function forgetRefused(data: DataConfig): void {
  asked.delete(keyOf(data))
  useInspections.setState(
    (known) => Object.fromEntries(Object.entries(known).filter(([key]) => key !== keyOf(data))),
    true,
  )
  void inspect(data)
}

/** Looks again at what was refused at a path where a download has just put the data. */
export function retryAt(path: string): void {
  for (const [key, { state }] of Object.entries(useInspections.getState())) {
    // The key is the setting itself, but for what says nothing about which images there are.
    const data = JSON.parse(key) as DataConfig
    if (state === 'refused' && 'path' in data.source && data.source.path === path) forgetRefused(data)
  }
}
