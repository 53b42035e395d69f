import { pages } from './explain/all'
import type { Field } from '../core/fields'
import { configFields } from '../core/fields'
import { presets } from './presets/all'

/** A piece of a citation: a text, and the address of what it names. */
export interface CitedPart {
  readonly text: string
  readonly url?: string
}

const arxivId = /arXiv \d{4}\.\d{4,5}/g

/** A citation in its parts; "arXiv 1705.08741" is one with an address. */
export function citedParts(citation: string): readonly CitedPart[] {
  const parts: CitedPart[] = []
  let end = 0
  for (const { 0: text, index } of citation.matchAll(arxivId)) {
    if (index > end) parts.push({ text: citation.slice(end, index) })
    parts.push({ text, url: text.replace('arXiv ', 'https://arxiv.org/abs/') })
    end = index + text.length
  }
  return end < citation.length ? [...parts, { text: citation.slice(end) }] : parts
}

const citationsOf = (fields: readonly Field[]): readonly string[] =>
  fields.flatMap(({ paper, options, fields: members }) => [
    paper,
    ...citationsOf(options.flatMap((option) => option.fields)),
    ...citationsOf(members),
  ])

let known: ReadonlySet<string> | undefined

/** The addresses that the app's presets, explanations and settings cite: the only ones that it opens in a browser. */
export function paperAddresses(): ReadonlySet<string> {
  known ??= new Set(
    [
      ...presets.flatMap(({ paper }) => paper?.url ?? []),
      ...pages.flatMap(({ sources }) => sources.flatMap(({ url }) => url ?? [])),
      ...citationsOf(configFields()).flatMap((citation) => citedParts(citation).flatMap(({ url }) => url ?? [])),
    ].filter((address) => address.startsWith('https://')),
  )
  return known
}
