import { useEffect, useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { RunId, TracedRun } from '../../core/run'
import { noPoints } from '../../core/events'
import { unpackPoints } from '../../core/packing'
import { call, sentenceOf } from '../api'
import { keepArriving, takeArrived } from '../arriving'
import { foldNewer } from '../records'
import { useStore } from '../store'

/** Curves drawn together at most: more lines than this tell nothing. */
export const drawnTogether = 20

// Traces of runs that nobody looks at are let go, all but the last few.
const spareTraces = 8

const nothingMeasured = { ok: true, value: [] } as const
const loading = new Set<RunId>()

/** Reads a trace, and joins it with what arrived meanwhile. */
export async function loadTrace(id: RunId): Promise<void> {
  if (loading.has(id)) return
  loading.add(id)
  keepArriving(id)
  const measures = useStore.getState().runs[id]?.config.diagnostics.every !== null
  const [reply, measured] = await Promise.all([
    call('runs.trace', id),
    measures ? call('runs.diagnoses', id) : nothingMeasured,
  ])
  loading.delete(id)
  const meanwhile = takeArrived(id)
  useStore.setState((state) => {
    const refused = [reply, measured].find(({ ok }) => !ok)
    if (!reply.ok || !measured.ok)
      return {
        traceFailures: { ...state.traceFailures, [id]: refused === undefined || refused.ok ? '' : sentenceOf(refused) },
      }
    const run = state.runs[id]
    if (run === undefined) return {}
    const { [id]: _, ...traceFailures } = state.traceFailures
    const { trace, diagnoses = [] } = meanwhile.reduce(foldNewer, {
      run,
      trace: unpackPoints(reply.value),
      diagnoses: [...measured.value],
    })
    return { traces: { ...state.traces, [id]: { trace, diagnoses, version: 1 } }, traceFailures }
  })
}

function dropUnseen(ids: readonly RunId[]): void {
  const { traces, selected, openRun } = useStore.getState()
  const seen = new Set([...ids, ...selected, ...(openRun === null ? [] : [openRun])])
  const unseen = Object.keys(traces).filter((id) => !seen.has(id))
  if (unseen.length <= spareTraces) return
  const gone = new Set(unseen.slice(0, unseen.length - spareTraces))
  useStore.setState({ traces: Object.fromEntries(Object.entries(traces).filter(([id]) => !gone.has(id))) })
}

const noTrace = noPoints()

/**
 * Runs with their traces, which are read from main when first looked at; `version` changes with every point that
 * arrives.
 */
export function useTraced(ids: readonly RunId[]): {
  readonly runs: readonly TracedRun[]
  readonly version: string
  readonly loading: boolean
  readonly failures: readonly string[]
} {
  const runs = useStore(useShallow((state) => ids.map((id) => state.runs[id])))
  const traces = useStore(useShallow((state) => ids.map((id) => state.traces[id])))
  const failures = useStore(useShallow((state) => ids.flatMap((id) => state.traceFailures[id] ?? [])))
  const key = ids.join(' ')
  useEffect(() => {
    const state = useStore.getState()
    const wanted = key === '' ? [] : key.split(' ')
    for (const id of wanted) if (state.traces[id] === undefined) void loadTrace(id)
    dropUnseen(wanted)
  }, [key])
  return useMemo(
    () => ({
      runs: runs.flatMap((run, index) =>
        run === undefined
          ? []
          : [{ run, trace: traces[index]?.trace ?? noTrace, diagnoses: traces[index]?.diagnoses ?? [] }],
      ),
      version:
        `${key} ${traces.map((trace) => trace?.version ?? 0).join(' ')} ` +
        `${runs.map((run) => `${run?.epochs.length ?? 0}${run?.status ?? ''}`).join(' ')}`,
      loading: traces.some((trace, index) => trace === undefined && runs[index] !== undefined) && failures.length === 0,
      failures,
    }),
    [key, runs, traces, failures],
  )
}
