/** A formula as a tree of MathML elements, which a window can build safely: no markup is ever parsed by it. */
export interface MathNode {
  readonly tag:
    | 'mrow'
    | 'mi'
    | 'mn'
    | 'mo'
    | 'mtext'
    | 'mspace'
    | 'msub'
    | 'msup'
    | 'msubsup'
    | 'mfrac'
    | 'msqrt'
    | 'mover'
    | 'munder'
    | 'munderover'
  /** What a leaf shows. */
  readonly text?: string
  readonly children?: readonly MathNode[]
  /** An upright identifier, such as a function's name. */
  readonly upright?: true
}

type Tokens = { readonly list: readonly string[]; at: number }

const token = /\\[a-z]+|\d+(?:\.\d+)?|\s+|./giu
const functions = new Set(['max', 'min', 'cos', 'ln', 'log', 'exp'])
const accents: Readonly<Record<string, string>> = { hat: '^', bar: '¯', tilde: '~' }

/**
 * Parses the part of TeX that the explanations use: sub- and superscripts, \frac, \sqrt, \sum, \text, \hat, \bar,
 * \tilde, \quad, names of functions, and any Unicode letter or sign. Throws on anything else.
 */
export function parseFormula(tex: string): MathNode {
  const tokens: Tokens = {
    list: [...tex.matchAll(token)].map(([one]) => one).filter((one) => one.trim() !== '' || one === ' '),
    at: 0,
  }
  const row = rowUntil(tokens, undefined)
  if (tokens.at < tokens.list.length) throw new Error(`A formula closes a brace that was not opened: ${tex}`)
  return row
}

const isSpace = (one: string | undefined): boolean => one !== undefined && one.trim() === ''

function rowUntil(tokens: Tokens, end: string | undefined): MathNode {
  const children: MathNode[] = []
  for (;;) {
    while (isSpace(tokens.list[tokens.at])) tokens.at++
    const next = tokens.list[tokens.at]
    if (next === end || next === '}' || next === undefined) break
    children.push(scripted(tokens))
  }
  if (tokens.list[tokens.at] !== end) throw new Error('A formula opens a brace that is not closed')
  const [only] = children
  return children.length === 1 && only !== undefined ? only : { tag: 'mrow', children }
}

// An atom with what hangs below and above it, in either order.
function scripted(tokens: Tokens): MathNode {
  const base = atom(tokens)
  let below: MathNode | undefined
  let above: MathNode | undefined
  for (;;) {
    const sign = tokens.list[tokens.at]
    if (sign === '_' && below === undefined) {
      tokens.at++
      below = argument(tokens)
    } else if (sign === '^' && above === undefined) {
      tokens.at++
      above = argument(tokens)
    } else break
  }
  const hasLimits = base.text === '∑' || base.text === 'max' || base.text === 'min'
  if (below !== undefined && above !== undefined)
    return { tag: hasLimits ? 'munderover' : 'msubsup', children: [base, below, above] }
  if (below !== undefined) return { tag: hasLimits ? 'munder' : 'msub', children: [base, below] }
  if (above !== undefined) return { tag: 'msup', children: [base, above] }
  return base
}

function argument(tokens: Tokens): MathNode {
  while (isSpace(tokens.list[tokens.at])) tokens.at++
  if (tokens.list[tokens.at] !== '{') return atom(tokens)
  tokens.at++
  const row = rowUntil(tokens, '}')
  tokens.at++
  return row
}

function atom(tokens: Tokens): MathNode {
  const one = tokens.list[tokens.at]
  if (one === undefined) throw new Error('A formula ends where something was expected')
  if (one === '{') return argument(tokens)
  tokens.at++
  if (one.startsWith('\\')) return command(one.slice(1), tokens)
  if (/^\d/.test(one)) return { tag: 'mn', text: one }
  if (/^\p{L}/u.test(one)) return { tag: 'mi', text: one }
  return { tag: 'mo', text: one === '-' ? '−' : one }
}

function command(name: string, tokens: Tokens): MathNode {
  if (functions.has(name)) return { tag: 'mi', text: name, upright: true }
  const accent = accents[name]
  if (accent !== undefined) return { tag: 'mover', children: [argument(tokens), { tag: 'mo', text: accent }] }
  switch (name) {
    case 'frac':
      return { tag: 'mfrac', children: [argument(tokens), argument(tokens)] }
    case 'sqrt':
      return { tag: 'msqrt', children: [argument(tokens)] }
    case 'sum':
      return { tag: 'mo', text: '∑' }
    case 'quad':
      return { tag: 'mspace' }
    case 'text': {
      if (tokens.list[tokens.at] !== '{') throw new Error('\\text needs braces')
      const end = tokens.list.indexOf('}', tokens.at)
      if (end === -1) throw new Error('A formula opens a brace that is not closed')
      const text = tokens.list.slice(tokens.at + 1, end).join('')
      tokens.at = end + 1
      return { tag: 'mtext', text }
    }
    default:
      throw new Error(`A formula uses \\${name}, which is not known`)
  }
}

const spaced = new Set(['=', '←', '+', '−', '·', '≈', '≤', '≥', '<', '>', '∝', '∼', '≫', '∈', '⇒', '/'])
const childrenOf = (node: MathNode): readonly MathNode[] => node.children ?? []
const grouped = (node: MathNode): string =>
  node.tag === 'mrow' || node.tag === 'mfrac' ? `(${formulaText(node)})` : formulaText(node)

/** The formula in plain text, for a terminal, a search and a screen reader. */
export function formulaText(node: MathNode): string {
  const [first = empty, second = empty, third = empty] = childrenOf(node)
  switch (node.tag) {
    case 'mrow':
      return rowText(childrenOf(node))
    case 'mi':
      return node.upright === true ? `${node.text ?? ''} ` : (node.text ?? '')
    case 'mn':
    case 'mo':
    case 'mtext':
      return node.text ?? ''
    case 'mspace':
      return ',  '
    case 'msub':
    case 'munder':
      return `${formulaText(first).trimEnd()}_${grouped(second)}`
    case 'msup':
      return `${grouped(first).trimEnd()}^${grouped(second)}`
    case 'msubsup':
    case 'munderover':
      return `${formulaText(first).trimEnd()}_${grouped(second)}^${grouped(third)}`
    case 'mfrac':
      return `${grouped(first)}/${grouped(second)}`
    case 'msqrt':
      return `√(${formulaText(first)})`
    case 'mover':
      return `${formulaText(first)}${second.text === '^' ? '\u0302' : second.text === '~' ? '\u0303' : '\u0304'}`
  }
}

const empty: MathNode = { tag: 'mrow', children: [] }

function rowText(nodes: readonly MathNode[]): string {
  return nodes
    .map((node, index) => {
      const text = formulaText(node)
      const isSign = index === 0 || nodes[index - 1]?.tag === 'mo'
      if (node.tag !== 'mo' || !spaced.has(node.text ?? '') || (isSign && node.text === '−') || node.text === '/')
        return text
      return ` ${text} `
    })
    .join('')
    .replace(/ {2,}(?=\S)/g, (spaces, at: number, all: string) => (all[at - 1] === ',' ? spaces : ' '))
    .trim()
}
