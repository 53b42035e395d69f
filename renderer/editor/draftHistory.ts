import type { Draft } from './draft'

/** A draft that there was, and what was done to it then. */
export interface DraftStep {
  readonly draft: Draft
  readonly what: string
  /** The setting that was changed; null where the whole draft was replaced. */
  readonly path: string | null
}

/**
 * What can be undone and done again, the latest last; and whether the draft was changed since it was opened, started or
 * saved.
 */
export interface DraftHistory {
  readonly past: readonly DraftStep[]
  readonly future: readonly DraftStep[]
  readonly isEdited: boolean
}

export const noHistory: DraftHistory = { past: [], future: [], isEdited: false }

const mostSteps = 100
/** Replaced drafts that are kept for the next session. */
const keptDrafts = 10
const keptCharacters = 200_000

/**
 * The history after a step from a draft. Changes of one setting in a row are one step, so that undoing does not go
 * through every letter.
 */
export function withStep({ past }: DraftHistory, step: DraftStep): DraftHistory {
  const last = past.at(-1)
  const goesOn = step.path !== null && last?.path === step.path
  return { past: goesOn ? past : [...past, step].slice(-mostSteps), future: [], isEdited: step.path !== null }
}

/** The draft before the last step, and the history then; null where there is none. */
export function undone(
  { past, future }: DraftHistory,
  draft: Draft,
): { readonly draft: Draft; readonly history: DraftHistory } | null {
  const last = past.at(-1)
  if (last === undefined) return null
  return {
    draft: last.draft,
    history: { past: past.slice(0, -1), future: [...future, { ...last, draft }], isEdited: true },
  }
}

/** The same the other way. */
export function redone(
  { past, future }: DraftHistory,
  draft: Draft,
): { readonly draft: Draft; readonly history: DraftHistory } | null {
  const next = future.at(-1)
  if (next === undefined) return null
  return {
    draft: next.draft,
    history: { past: [...past, { ...next, draft }], future: future.slice(0, -1), isEdited: true },
  }
}

/**
 * The drafts that were replaced, for the next session: single changes are not kept that long, and of long ones only so
 * many as a request may hold.
 */
export function replacedDrafts({ past }: DraftHistory, draft: Draft): readonly Draft[] {
  const kept: Draft[] = []
  let left = keptCharacters - JSON.stringify(draft).length
  for (const replaced of past
    .filter(({ path }) => path === null)
    .map((step) => step.draft)
    .slice(-keptDrafts)
    .reverse()) {
    left -= JSON.stringify(replaced).length
    if (left < 0) break
    kept.unshift(replaced)
  }
  return kept
}

/** The history that the last session left behind. */
export const historyFrom = (replaced: readonly Draft[], isEdited: boolean): DraftHistory => ({
  past: replaced.map((draft) => ({ draft, what: 'Replacing the config', path: null })),
  future: [],
  isEdited,
})

/** Whether a key that undoes belongs to the box that has it: text has an undo of its own. */
export function undoesItself(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return !target.readOnly
  return (
    target instanceof HTMLInputElement &&
    !target.readOnly &&
    !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  )
}
