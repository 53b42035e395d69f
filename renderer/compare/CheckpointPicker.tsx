import { Select } from '@mantine/core'
import { useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { CheckpointRef } from '../../core/protocol'
import { defaultCheckpoint } from '../commands'
import { cutMiddle, percent } from '../format'
import { runName } from '../names'
import { useStore } from '../store'
import { Dot } from '../components/Dot'

interface Props {
  readonly letter: 'A' | 'B'
  readonly value: CheckpointRef | null
  readonly change: (value: CheckpointRef | null) => void
}

/** Picks one checkpoint: its run, then which of the run's. */
export function CheckpointPicker({ letter, value, change }: Props) {
  const runs = useStore(
    useShallow((state) =>
      Object.values(state.runs).filter((run) => run.removedAt === null && run.checkpoints.length > 0),
    ),
  )
  const run = runs.find(({ id }) => id === value?.run)
  const options = useMemo(
    () =>
      [...runs]
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
        .map((one) => ({ value: one.id, label: cutMiddle(runName(one), 60) })),
    [runs],
  )
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: 6, minWidth: 0 }}>
      <strong>{letter}</strong>
      <Select
        aria-label={`Run of ${letter}`}
        placeholder="Run"
        searchable
        w={180}
        data={options}
        value={run?.id ?? null}
        limit={200}
        styles={{ input: { textOverflow: 'ellipsis' } }}
        nothingFoundMessage="No run with a checkpoint is called that"
        leftSection={run === undefined ? undefined : <Dot id={run.id} />}
        onChange={(id) => change(defaultCheckpoint(runs.find((one) => one.id === id)))}
      />
      <Select
        aria-label={`Checkpoint of ${letter}`}
        placeholder="Checkpoint"
        w={214}
        styles={{ input: { textOverflow: 'ellipsis' } }}
        disabled={run === undefined}
        value={value?.checkpoint ?? null}
        comboboxProps={{ width: 300, position: 'bottom-end' }}
        data={(run?.checkpoints ?? []).map(({ name, moment, validation }) => ({
          value: name,
          label:
            `${name.replace('.safetensors', '')}${validation === null ? '' : ` · ${percent(validation.accuracy)}`} ` +
            `· epoch ${moment.epoch}`,
        }))}
        onChange={(checkpoint) => {
          if (run !== undefined && checkpoint !== null) change({ run: run.id, checkpoint })
        }}
      />
    </div>
  )
}
