import type { Preset } from '../presets/preset'
import { referenceText } from '../presets/preset'
import { smallSuffix } from '../presets/all'
import { parsedPreset, shrunk } from '../presets/shrink'

/** A text inside a cell of a Markdown table: a bar would end the cell, and an angle bracket could begin a tag. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

/** Rows of a Markdown table. */
export const tableLines = (names: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  [names, names.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`)

const listed = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : ['', `**${title}**`, '', ...items.map((item) => `- ${item}`)]

/**
 * A preset as a page in Markdown: what was done, what to expect, its configs at both sizes, the source's numbers with
 * their marks, and what is our reading.
 */
export function presetMarkdown(preset: Preset): string {
  const { id, title, paper, protocol, expect, withoutNumbers, configs, reference, ourReading, recalled, fit, fits } =
    preset
  const rows = configs.map(({ name, title: what, config, fit: own }) => {
    const full = parsedPreset(config)
    const small = parsedPreset(shrunk(config, { ...fit, ...own }))
    return [`\`${id}/${name}\``, what, `${full.batchSize} · ${full.epochs}`, `${small.batchSize} · ${small.epochs}`]
  })
  return [
    `# ${title}`,
    '',
    paper === null ? 'From the lab notes.' : `[${paper.authors} ${paper.year}, ${paper.title}](${paper.url})`,
    '',
    protocol,
    '',
    `**What to expect.** ${expect}`,
    '',
    ...tableLines(['config', 'what it is', 'batch · epochs', `with ${smallSuffix}`], rows),
    '',
    `**Fits this machine** (names ending in \`${smallSuffix}\`). ${fits}`,
    ...(withoutNumbers === undefined ? [] : ['', withoutNumbers]),
    ...(reference.length === 0
      ? []
      : [
          '',
          "**The source's numbers**",
          '',
          ...tableLines(
            ['what', 'number', 'on', 'config'],
            reference.map((one) => [
              one.label,
              referenceText(one),
              one.split,
              one.config === undefined ? '' : `\`${id}/${one.config}\``,
            ]),
          ),
        ]),
    ...listed('Our reading: not stated by the source, and editable', ourReading),
    ...listed('Recalled, not re-verified', recalled),
    '',
  ].join('\n')
}
