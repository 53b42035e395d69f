import { formatCount, formatPercent, significant } from '../../core/numbers'
import { bestEpoch } from '../../core/best'
import { RunConfig as ConfigSchema } from '../../core/config/config'
import type { Run } from '../../core/run'
import { sentence } from '../../core/sentence'
import { escaped } from './escaped'
import { htmlTable } from './htmlTable'

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A config as its settings by path. */
export const settingRows = (value: unknown, path = ''): readonly (readonly [string, string])[] =>
  isNode(value)
    ? Object.entries(value).flatMap(([key, inner]) => settingRows(inner, path === '' ? key : `${path}.${key}`))
    : [[path, value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)]]

/** Nobody reads more rows than this, and a page of a hundred megabytes opens nowhere. */
const mostRows = 1000

const everyOf = (epochs: Run['epochs']): number => Math.ceil(epochs.length / mostRows)

/** The epochs that a table shows: all, or of very many so many at equal distances, with the best and the last. */
function shownEpochs(epochs: Run['epochs'], best: Run['epochs'][number] | undefined): Run['epochs'] {
  const every = everyOf(epochs)
  return every <= 1
    ? epochs
    : epochs.filter((epoch, index) => (index + 1) % every === 0 || index === epochs.length - 1 || epoch === best)
}

const latestNote = (rows: readonly unknown[]): string =>
  rows.length <= mostRows
    ? ''
    : `<p class="faint">The last ${formatCount(mostRows)} of ${formatCount(rows.length)}.</p>\n`

export function runDetails(run: Run): string {
  const initial = new Map(settingRows(ConfigSchema.parse({})))
  const settings = settingRows(run.config)
  const best = bestEpoch(run)
  const epochs = shownEpochs(run.epochs, best)
  const epochNote =
    epochs.length === run.epochs.length
      ? ''
      : `<p class="faint">Every ${formatCount(everyOf(run.epochs))}th of ${formatCount(run.epochs.length)} epochs, ` +
        'the best and the last: the CSV of an export has all.</p>\n'
  const section = (title: string, body: string, isOpen: boolean): string =>
    `<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n${body}\n</details>`
  return [
    ...(run.notes === '' ? [] : [section('Notes', `<p style="white-space: pre-wrap">${escaped(run.notes)}</p>`, true)]),
    section(
      'Epochs',
      epochNote +
        htmlTable(
          [
            'epoch#',
            'update#',
            'train loss#',
            'train accuracy#',
            'validation loss#',
            'validation accuracy#',
            'rate#',
            'seconds#',
            '‖w − w₀‖#',
          ],
          epochs.map((epoch) => [
            String(epoch.epoch),
            formatCount(epoch.moment.update),
            significant(epoch.train.loss, 5),
            formatPercent(epoch.train.accuracy),
            significant(epoch.validation?.loss, 5),
            formatPercent(epoch.validation?.accuracy),
            significant(epoch.learningRate, 5),
            significant(epoch.seconds, 3),
            significant(epoch.distance, 5),
          ]),
          (row) => epochs[row] === best,
        ),
      epochs.length <= 40,
    ),
    section(
      'Settings (those that are not the default in bold)',
      htmlTable(['setting', 'value'], settings, (row) => {
        const [path = '', value = ''] = settings[row] ?? []
        return initial.get(path) !== value
      }),
      false,
    ),
    section(
      'Checkpoints',
      latestNote(run.checkpoints) +
        htmlTable(
          ['name', 'epoch#', 'update#', 'validation accuracy#', 'bytes#'],
          run.checkpoints
            .slice(-mostRows)
            .map(({ name, moment, validation, bytes }) => [
              name,
              String(moment.epoch),
              formatCount(moment.update),
              formatPercent(validation?.accuracy),
              formatCount(bytes),
            ]),
          () => false,
        ),
      false,
    ),
    ...(run.log.length === 0
      ? []
      : [
          section(
            'Log',
            latestNote(run.log) +
              htmlTable(
                ['at', 'update#', 'message'],
                run.log.slice(-mostRows).map(({ at, update, message }) => [at, formatCount(update), sentence(message)]),
                () => false,
              ),
            true,
          ),
        ]),
  ].join('\n')
}
