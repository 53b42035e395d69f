import { presets } from '../presets/all'
import type { Preset } from '../presets/preset'
import { pages } from './all'
import { groups, tableOf, type Page } from './page'
import { type Plot, tableOfPlot } from './plot'
import { presetMarkdown, tableLines } from './presetMarkdown'

const made =
  '<!-- Made from content/explain and content/presets: change it there, then run npx vitest run ' +
  'tests/content/explain.test.ts -u -->'

/** The file of a preset's page; ids have slashes, files do not. */
const presetFile = ({ id }: Pick<Preset, 'id'>): string => `presets/${id.replaceAll('/', '-')}.md`
const math = (tex: string): string => `$${tex}$`

/** What a plot's table was made with: "With base rate 0.1, reference batch 128." */
const settingsOf = ({ knobs }: Plot): string =>
  `With ${knobs.map((knob) => `${startsSmall(knob.label)} ${initialOf(knob)}`).join('; ')}.`

function initialOf({ initial, options }: Plot['knobs'][number]): string {
  const option = options.find(({ value }) => value === initial)
  if (option !== undefined) return option.label.toLowerCase()
  return Array.isArray(initial) ? initial.join(', ') : String(initial)
}

const settingCode = ({ path, value }: Page['settings'][number]): string =>
  `\`${path}${value === undefined ? '' : `.type=${value}`}\``

// A symbol keeps its case.
const startsSmall = (label: string): string =>
  /^[A-Z][a-z]/.test(label) ? label.replace(/^./, (first) => first.toLowerCase()) : label

/** A page as Markdown, with formulas that GitHub and editors typeset. */
function pageMarkdown(page: Page): string {
  const { title, group, says, formulas, symbols, helps, breaks, sources, settings, example } = page
  const table = tableOf(example)
  const named = page.presets.flatMap((id) => presets.filter((preset) => preset.id === id))
  return [
    made,
    '',
    `# ${title}`,
    '',
    `*${group}*`,
    '',
    says,
    ...formulas.flatMap((formula) => [
      '',
      ...(formula.says === undefined ? [] : [`${formula.says}:`, '']),
      '```math',
      formula.tex,
      '```',
    ]),
    '',
    ...symbols.map(([symbol, meaning]) => `- ${math(symbol)}: ${meaning}`),
    '',
    `**When it helps.** ${helps}`,
    '',
    `**When it breaks.** ${breaks}`,
    '',
    `**Example.** ${example.says}`,
    '',
    ...tableLines(table.columns, table.rows),
    ...(example.type === 'plan' ? ['', `**To see.** ${example.sees}`] : []),
    ...(page.plots ?? []).flatMap((plot) => {
      const { columns, rows } = tableOfPlot(plot)
      return ['', `**${plot.name}.** ${plot.sees} ${settingsOf(plot)}`, '', ...tableLines(columns, rows)]
    }),
    ...(settings.length === 0
      ? []
      : ['', `**Settings.** ${settings.map(settingCode).join(', ')} ([reference](../config-reference.md))`]),
    ...(named.length === 0
      ? []
      : ['', `**Presets.** ${named.map((preset) => `[${preset.id}](${presetFile(preset)})`).join(', ')}`]),
    ...(sources.length === 0
      ? []
      : [
          '',
          `**Sources.** ${sources.map(({ text, url }) => (url === undefined ? text : `[${text}](${url})`)).join('; ')}`,
        ]),
    '',
  ].join('\n')
}

function indexMarkdown(): string {
  return [
    made,
    '',
    '# Explained',
    '',
    'Every rule and method that a config can choose: what it does, when it helps, when it breaks, where it ' +
      'comes from. The window shows the same pages where the setting is chosen.',
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      '',
      ...pages.filter((page) => page.group === group).map(({ id, title, says }) => `- [${title}](${id}.md): ${says}`),
    ]),
    '',
    '## Presets',
    '',
    'The experiments of the papers, and those of the lab notes, as configs. Numbers of a source that could not ' +
      'be read again are marked “recalled, not re-verified”.',
    '',
    ...presets.map((preset) => `- [${preset.title}](${presetFile(preset)}) (\`${preset.id}\`)`),
    '',
  ].join('\n')
}

/** Every file of docs/explained, by its path in there. */
export const explainedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['README.md', indexMarkdown()],
    ...pages.map((page): [string, string] => [`${page.id}.md`, pageMarkdown(page)]),
    ...presets.map((preset): [string, string] => [presetFile(preset), `${made}\n\n${presetMarkdown(preset)}`]),
  ])
