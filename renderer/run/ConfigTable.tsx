import { Button } from '@mantine/core'
import type { RunConfig } from '../../core/config/config'
import { saveConfig } from '../commands'
import { labelOf, settingsByPath, shownSetting } from '../differences'
import { sectionOfPath } from '../editor/sections'

/** A run's config as it was asked for, in the editor's sections. */
export function ConfigTable({ config }: { readonly config: RunConfig }) {
  const rows = [...settingsByPath(config)]
    .filter(([path]) => path !== 'name')
    .map(([path, value]) => ({ path, value, section: sectionOfPath(path) }))
  const sections = [...new Set(rows.map(({ section }) => section))]
  return (
    <div className="pad" style={{ maxWidth: 720 }}>
      <Button variant="default" onClick={() => void saveConfig(config)}>
        Save as a config file…
      </Button>
      {sections.map((section) => (
        <section key={section}>
          <h2 className="heading" style={{ margin: '14px 0 4px' }}>
            {section}
          </h2>
          <table className="grid-table selectable">
            <tbody>
              {rows
                .filter((row) => row.section === section)
                .map(({ path, value }) => (
                  <tr key={path}>
                    <td className="quiet" style={{ width: 260 }} title={path}>
                      {labelOf(path, config)}
                    </td>
                    <td className="number" style={{ overflowWrap: 'anywhere' }}>
                      {shownSetting(path, value)}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  )
}
