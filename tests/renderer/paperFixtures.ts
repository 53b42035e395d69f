import { expect } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { pages } from '../../content/explain/all'
import { planOfExample } from '../../content/explain/page'
import { withValue } from '../../core/fields'
import { parsedPreset } from '../../content/presets/shrink'
import { knobsOf } from '../../renderer/papers/knobs'

export const planKnobs = (id: string) => {
  const page = pages.find((one) => one.id === id)
  if (page?.example.type !== 'plan') throw new Error(`${id} has no plan`)
  const input: unknown = parsedPreset(page.example.config)
  const knobs = knobsOf(page, input)
  const { images } = page.example
  const knob = (path: string) => knobs.find((field) => field.path === path) ?? expect.fail(`${id} has no knob ${path}`)
  return {
    input,
    knobs,
    knob,
    planned: (values: readonly (readonly [path: string, value: unknown])[]) =>
      planOfExample(
        images,
        values.reduce((config, [path, value]) => withValue(config, path, value), input) as RunConfigInput,
      ),
  }
}
