import type { ReactNode } from 'react'
import { createElement } from 'react'
import type { MathNode } from '../../content/explain/formula'
import { formulaText, parseFormula } from '../../content/explain/formula'

/** A formula typeset by the window itself; its plain text is what a screen reader says. */
export function FormulaView({ tex, block = false }: { readonly tex: string; readonly block?: boolean }) {
  const formula = parseFormula(tex)
  return createElement(
    'math',
    { display: block ? 'block' : 'inline', 'aria-label': formulaText(formula) },
    elementOf(formula, 0),
  )
}

const elementOf = (node: MathNode, key: number): ReactNode =>
  createElement(node.tag, { key, ...attributesOf(node) }, node.text, ...(node.children ?? []).map(elementOf))

function attributesOf({ tag, upright }: MathNode): Readonly<Record<string, string>> {
  if (tag === 'mspace') return { width: '2em' }
  // Brackets are nodes of their own, so a browser would stretch each to the height of the whole row.
  if (tag === 'mo') return { stretchy: 'false' }
  if (tag === 'mover') return { accent: 'true' }
  return upright === true ? { mathvariant: 'normal' } : {}
}
