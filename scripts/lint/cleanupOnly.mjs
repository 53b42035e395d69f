// ESLint: what React calls again later may only be a function or nothing. An effect and the callback of a ref return
// their cleanup, and TypeScript lets them return what a call typed `void` gives; in a browser that may be something
// (scrollIntoView gives a promise in new ones), and React ends the page when it calls that.
import ts from 'typescript'

const effects = new Set(['useEffect', 'useLayoutEffect', 'useInsertionEffect'])

const isFunction = (node) => node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression'

/** The function that React calls and whose return value it keeps, or undefined. */
function keptCallback(node) {
  if (node.type === 'JSXAttribute')
    return node.name.name === 'ref' && node.value?.type === 'JSXExpressionContainer' ? node.value.expression : undefined
  const { callee } = node
  const name = callee.type === 'MemberExpression' ? callee.property.name : callee.name
  return effects.has(name) ? node.arguments[0] : undefined
}

const nothing = ts.TypeFlags.Undefined | ts.TypeFlags.Never
const isCleanup = (type) =>
  type.isUnion() ? type.types.every(isCleanup) : (type.flags & nothing) !== 0 || type.getCallSignatures().length > 0

export const cleanupOnly = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      other:
        'React keeps what this returns and calls it later: return a function or nothing, and put a call whose ' +
        'result does not matter into braces.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices
    const look = (expression) => {
      if (!isCleanup(services.getTypeAtLocation(expression))) context.report({ node: expression, messageId: 'other' })
    }
    const kept = new Set()
    const enter = (node) => {
      const callback = keptCallback(node)
      if (!isFunction(callback)) return
      if (!callback.async) kept.add(callback)
      if (callback.async) context.report({ node: callback, messageId: 'other' })
      else if (callback.body.type !== 'BlockStatement') look(callback.body)
    }
    return {
      CallExpression: enter,
      JSXAttribute: enter,
      ReturnStatement(node) {
        if (node.argument === null) return
        let around = node.parent
        while (around !== null && !isFunction(around) && around.type !== 'FunctionDeclaration') around = around.parent
        if (kept.has(around)) look(node.argument)
      },
    }
  },
}
