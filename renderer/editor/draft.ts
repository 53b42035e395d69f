import { z } from 'zod'
import { parseConfig } from '../../core/config/parse'
import type { CheckpointRef } from '../../core/protocol'
import { withValue } from '../../core/fields'

/** The config being written in the editor, as it was typed: it may be wrong. */
export interface Draft {
  readonly input: unknown
  /** A weights file that the run shall start from. */
  readonly weights: string | null
  /** The checkpoint that the run shall go on from, when it is a fork. */
  readonly parent: CheckpointRef | null
}

const shape = {
  input: z.unknown(),
  weights: z.string().nullable(),
  parent: z.strictObject({ run: z.string(), checkpoint: z.string() }).nullable(),
}
// What was replaced stands beside the draft, so that it can still be brought back in the next session.
const Stored = z.strictObject({ ...shape, replaced: z.array(z.strictObject(shape)).max(100).default([]) })

/** A config with every default, so that every box of the form has a value. */
function freshInput(): unknown {
  const parsed = parseConfig({})
  return parsed.ok ? parsed.value : {}
}

export const freshDraft = (): Draft => ({ input: freshInput(), weights: null, parent: null })

const holdsConfig = ({ input }: Pick<Draft, 'input'>): boolean => typeof input === 'object' && input !== null

/**
 * The draft that the last session left behind, a fresh one where there is none that can be read; and those that it had
 * replaced.
 */
export function storedDraft(stored: unknown): { readonly draft: Draft; readonly replaced: readonly Draft[] } {
  const parsed = Stored.safeParse(stored)
  if (!parsed.success || !holdsConfig(parsed.data)) return { draft: freshDraft(), replaced: [] }
  const { replaced, ...draft } = parsed.data
  return { draft, replaced: replaced.filter(holdsConfig) }
}

/** The draft with one setting changed; a new kind of something starts from that kind's defaults. */
export function changed(draft: Draft, path: string, value: unknown): Draft {
  const input = withValue(draft.input, path, value)
  if (!path.endsWith('.type')) return { ...draft, input }
  // The defaults of a kind are the schema's to know. Where the rest of the draft is wrong they cannot be asked for, and
  // the form shows them anyway.
  const parsed = parseConfig(input)
  return { ...draft, input: parsed.ok ? parsed.value : input }
}
