import { TextInput } from '@mantine/core'

export function NameBox({ value, change }: { readonly value: unknown; readonly change: (name: string) => void }) {
  return (
    <TextInput
      aria-label="Name of the run"
      placeholder="Name (empty: named after its settings)"
      maxLength={300}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => change(event.currentTarget.value)}
      mt={10}
    />
  )
}
