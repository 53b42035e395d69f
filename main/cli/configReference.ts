import { configFields, type Field } from '../../core/fields'

const code = (text: string): string => `\`${text}\``
// A bar ends a cell, and an angle bracket could begin a tag.
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

function values(field: Field): string {
  const nullable = field.nullable ? ', or null' : ''
  switch (field.kind) {
    case 'boolean':
      return `true or false${nullable}`
    case 'choice':
      return `${field.options.map(({ value }) => code(JSON.stringify(value))).join(', ')}${nullable}`
    case 'variant':
      return field.options.map(({ value }) => code(String(value))).join(', ')
    case 'text':
      return `text${nullable}`
    case 'list':
      return `list${nullable}`
    case 'group':
      return ''
    case 'integer':
    case 'number': {
      const { minimum, maximum } = field
      const range =
        minimum !== null && maximum !== null
          ? `${minimum} to ${maximum}`
          : minimum !== null
            ? `from ${minimum}`
            : maximum !== null
              ? `up to ${maximum}`
              : ''
      const kind = field.kind === 'integer' ? 'whole number' : 'number'
      return [kind, range, field.unit].filter((part) => part !== '').join(' ') + nullable
    }
  }
}

const row = (field: Field): string =>
  `| ${code(field.kind === 'variant' ? `${field.path}.type` : field.path)} | ${cell(values(field))} | ` +
  `${code(shownDefault(field))} | ` +
  `${cell([`**${field.label}.**`, sentence(field.help), field.paper].filter((part) => part !== '').join(' '))} ` +
  '|'

const sentence = (text: string): string => (text === '' || /[.!?]$/.test(text) ? text : `${text}.`)

function shownDefault({ kind, initial }: Field): string {
  const type = typeof initial === 'object' && initial !== null && 'type' in initial ? initial.type : undefined
  return JSON.stringify(kind === 'variant' && type !== undefined ? type : initial)
}

const heading = ['| setting | values | default | what it is |', '| --- | --- | --- | --- |']

/** The leaves and kinds that belong in one table; groups are flattened. */
const leaves = (fields: readonly Field[]): readonly Field[] =>
  fields.flatMap((field) => (field.kind === 'group' ? leaves(field.fields) : [field, ...leaves(field.fields)]))

/**
 * Whether every kind of a variant is one of those that another has, with the same settings: a schedule inside a
 * schedule.
 */
const hasKindsOf = (outer: Field, field: Field): boolean =>
  field.options.every((option) => outer.options.some((one) => one.value === option.value && one.help === option.help))

/** A block of lines for each kind of a variant, and for the variants inside it. */
function kindsOf(field: Field, outer: readonly Field[] = []): readonly string[] {
  if (field.kind !== 'variant') return []
  const same = outer.find((one) => hasKindsOf(one, field))
  if (same !== undefined) {
    const kinds = field.options.map(({ value }) => code(String(value))).join(', ')
    return [
      `\n### ${code(`${field.path}.type`)}\n\nThe kinds ${kinds}, with the settings that they have under ` +
        `${code(`${same.path}.type`)}.${nestingOf(field)}`,
    ]
  }
  return field.options.flatMap((option): readonly string[] => {
    const own = leaves(option.fields)
    const block = [
      '',
      `### ${code(`${field.path}.type`)} = ${code(String(option.value))}`,
      '',
      `**${option.label}.** ${cell(sentence(option.help))}`.trim(),
      ...(own.length === 0 ? [] : ['', ...heading, ...own.map(row)]),
    ]
    return [block.join('\n'), ...own.flatMap((one) => kindsOf(one, [...outer, field]))]
  })
}

function nestingOf({ options }: Field): string {
  const composed = options.filter(({ fields }) =>
    fields.some((one) => [one, ...one.fields].some(({ kind }) => kind === 'variant')),
  )
  return composed.length === 0
    ? ''
    : ` Inside ${composed.map(({ value }) => code(String(value))).join(', ')} only the others are allowed: two ` +
        'levels in all.'
}

// Optimizers share settings, which need to be said only once.
function section(field: Field): readonly string[] {
  const own = field.kind === 'group' ? leaves(field.fields) : [field]
  return [
    '',
    `## ${field.label}`,
    ...(field.kind === 'group' && field.help !== '' ? ['', sentence(field.help)] : []),
    '',
    ...heading,
    ...own.map(row),
    ...new Set(own.flatMap((one) => kindsOf(one))),
  ]
}

/** The settings of a config as a page in Markdown, made from the schema alone. */
export function configReference(): string {
  const fields = configFields()
  const plain = fields.filter(({ kind }) => kind !== 'group' && kind !== 'variant')
  return [
    '# Config reference',
    '',
    'Every setting of a config, made from the schema with `npx batchlab schema --markdown`. A config is one ' +
      'JSON value; whatever is left out',
    'has its default, and what is not listed here is refused. `--set PATH=VALUE` sets one of them on the ' +
      'command line. In a path a 0 stands for any entry of a list, counted from 0.',
    '',
    '## Run',
    '',
    ...heading,
    ...plain.map(row),
    ...fields.filter((field) => !plain.includes(field)).flatMap(section),
    '',
  ].join('\n')
}
