import { Anchor } from '@mantine/core'
import type { Page } from '../../content/explain/page'
import { presets } from '../../content/presets/all'
import { read } from '../commands'
import { labelOf, shownSetting } from '../differences'
import { FormulaView } from './FormulaView'
import { MethodExample } from './MethodExample'
import { PaperLink } from './PaperLink'

/** A rule or method: its formula, when it helps, when it breaks, and an example to try. */
export function MethodPage({ page }: { readonly page: Page }) {
  const { title, group, says, formulas, symbols, helps, breaks, sources, settings } = page
  const users = presets.filter(({ id }) => page.presets.includes(id))
  return (
    <div className="reading selectable">
      <p className="quiet tiny" style={{ margin: 0 }}>
        {group}
      </p>
      <h2>{title}</h2>
      <p>{says}</p>
      {formulas.map((formula) => (
        <figure className="formula" key={formula.tex}>
          <FormulaView tex={formula.tex} block />
          {formula.says !== undefined && <figcaption>{formula.says}</figcaption>}
        </figure>
      ))}
      {symbols.length > 0 && (
        <dl className="symbols">
          {symbols.map(([symbol, meaning]) => (
            <div key={symbol}>
              <dt>
                <FormulaView tex={symbol} />
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
      <h3>When it helps</h3>
      <p>{helps}</p>
      <h3>When it breaks</h3>
      <p>{breaks}</p>
      <MethodExample key={page.id} page={page} />
      {settings.length > 0 && (
        <>
          <h3>Settings</h3>
          <ul>
            {settings.map(({ path, value }) => (
              <li key={`${path} ${value ?? ''}`}>
                <span className="code">{path}</span>{' '}
                <span className="quiet">
                  {labelOf(path)}
                  {value === undefined ? '' : `: ${shownSetting(`${path}.type`, value)}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {sources.length > 0 && (
        <>
          <h3>Source</h3>
          {sources.map(({ text, url }) => (
            <p key={text}>
              {text}
              {url !== undefined && (
                <>
                  <br />
                  <PaperLink url={url} />
                </>
              )}
            </p>
          ))}
        </>
      )}
      {users.length > 0 && (
        <>
          <h3>Experiments that use it</h3>
          <p className="links">
            {users.map((preset) => (
              <Anchor
                key={preset.id}
                component="button"
                type="button"
                inherit
                onClick={() => read({ type: 'preset', id: preset.id })}
              >
                {preset.title}
              </Anchor>
            ))}
          </p>
        </>
      )}
    </div>
  )
}
