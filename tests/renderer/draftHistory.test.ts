import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Draft } from '../../renderer/editor/draft'
import { changed, freshDraft, storedDraft } from '../../renderer/editor/draft'
import { historyFrom, noHistory, redone, replacedDrafts, undone, withStep } from '../../renderer/editor/draftHistory'

const draft = (epochs: number): Draft => changed(freshDraft(), 'epochs', epochs)
const step = (from: Draft, path: string | null) => ({ draft: from, what: 'Something', path })

describe('the history of a draft', () => {
  it('takes changes of one setting in a row as one step', () => {
    const history = [
      step(draft(1), 'epochs'),
      step(draft(2), 'epochs'),
      step(draft(3), 'seed'),
      step(draft(3), 'epochs'),
    ].reduce(withStep, noHistory)
    expect(history.past.map(({ path }) => path)).toEqual(['epochs', 'seed', 'epochs'])
    expect(history.past[0]?.draft).toEqual(draft(1))
  })

  it('brings back what several replacements took away, and takes it away again', () => {
    let [now, history] = [draft(1), noHistory]
    for (const next of [2, 3, 4]) {
      history = withStep(history, step(now, null))
      now = draft(next)
    }
    for (const expected of [3, 2, 1]) {
      const back = undone(history, now)
      if (back === null) throw new Error('there is nothing to undo')
      ;({ draft: now, history } = back)
      expect(now).toEqual(draft(expected))
    }
    expect(undone(history, now)).toBeNull()
    const again = redone(history, now)
    expect(again?.draft).toEqual(draft(2))
    expect(withStep(history, step(now, 'seed')).future).toEqual([])
  })

  it('says whether anything was written since the draft was opened', () => {
    const opened = withStep(noHistory, step(draft(1), null))
    expect([
      opened.isEdited,
      withStep(opened, step(draft(2), 'epochs')).isEdited,
      undone(opened, draft(2))?.history.isEdited,
    ]).toEqual([false, true, true])
  })

  it('is taken back and forth to the same drafts, whatever was done', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('epochs', 'seed', null), fc.integer({ min: 1, max: 99 })), {
          minLength: 1,
          maxLength: 20,
        }),
        (steps) => {
          let [now, history] = [draft(500), noHistory]
          for (const [path, epochs] of steps) {
            history = withStep(history, step(now, path))
            now = draft(epochs)
          }
          const last = now
          let back = 0
          for (let one = undone(history, now); one !== null; one = undone(history, now)) {
            ;({ draft: now, history } = one)
            back++
          }
          expect(now).toEqual(draft(500))
          for (let i = 0; i < back; i++) {
            const one = redone(history, now)
            if (one === null) throw new Error('nothing can be done again')
            ;({ draft: now, history } = one)
          }
          expect(now).toEqual(last)
          expect(redone(history, now)).toBeNull()
        },
      ),
    )
  })

  it('keeps the replaced drafts for the next session, and no single changes', () => {
    const history = [
      step(draft(1), 'epochs'),
      step(draft(2), null),
      step(draft(3), 'seed'),
      step(draft(4), null),
    ].reduce(withStep, noHistory)
    const stored: unknown = JSON.parse(JSON.stringify({ ...draft(5), replaced: replacedDrafts(history, draft(5)) }))
    expect(storedDraft(stored)).toEqual({ draft: draft(5), replaced: [draft(2), draft(4)] })
    expect(historyFrom(storedDraft(stored).replaced, true).past.map((one) => one.draft)).toEqual([draft(2), draft(4)])
  })

  it('is empty for a draft that an earlier version kept', () => {
    expect(storedDraft(JSON.parse(JSON.stringify(draft(7))))).toEqual({ draft: draft(7), replaced: [] })
    expect(storedDraft({ ...draft(7), replaced: [{ ...draft(1), input: 3 }] }).replaced).toEqual([])
  })
})
