import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import { runtimeArguments } from './launch'
import { brief, reaches, runOf, startRun, traceOf } from './training'

interface Outcome {
  readonly code: number | null
  readonly said: string
}

async function draw(job: string): Promise<Outcome> {
  const { path, args, env } = await runtimeArguments([`--figures=${job}`])
  const child = spawn(path, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child, 'close')
  return { code: child.exitCode, said }
}

test('figures are drawn without a window, beside the open app', async ({ opened: { page }, folders }) => {
  const id = await startRun(page, brief)
  await reaches(page, id, 'finished')
  const runs = [{ run: await runOf(page, id), trace: await traceOf(page, id) }]
  const folder = join(folders.library, 'figures ü')
  mkdirSync(folder)
  const size = { width: 640, height: 400 }
  const figures = (['svg', 'png', 'pdf'] as const).map((format) => ({
    chart: 'accuracy',
    format,
    ...size,
    file: join(folder, `accuracy.${format}`),
  }))
  const job = join(folder, 'job.json')
  writeFileSync(job, JSON.stringify({ runs, figures }))
  expect(await draw(job)).toMatchObject({ code: 0 })

  const svg = readFileSync(join(folder, 'accuracy.svg'), 'utf8')
  expect(svg).toMatch(/^<svg[^>]* width="640" height="400"[^]*accuracy \(%\)[^]*<\/svg>$/)
  expect(svg).toContain('Brief')
  const png = readFileSync(join(folder, 'accuracy.png'))
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 800])
  const pdf = readFileSync(join(folder, 'accuracy.pdf'), 'latin1')
  expect(pdf.startsWith('%PDF-')).toBe(true)
  expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(1)
  // 640 × 400 CSS pixels are 480 × 300 points.
  const [, width = 0, height = 0] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf)?.map(Number) ?? []
  expect(Math.abs(width - 480)).toBeLessThan(1)
  expect(Math.abs(height - 300)).toBeLessThan(1)
})

test('a figure that cannot be drawn is refused with a sentence', async ({ folders }) => {
  mkdirSync(folders.library, { recursive: true })
  const job = join(folders.library, 'job.json')
  const file = join(folders.library, 'nothing.svg')
  const write = (figure: object): void =>
    writeFileSync(
      job,
      JSON.stringify({
        runs: [],
        figures: [{ chart: 'loss', format: 'svg', width: 640, height: 400, file, ...figure }],
      }),
    )
  write({ width: 1 })
  expect(await draw(job)).toMatchObject({
    code: 1,
    said: expect.stringContaining('figures.0.width must be at least 50, found 1'),
  })
  write({ chart: 'horoscope' })
  expect(await draw(job)).toMatchObject({ code: 1, said: expect.stringContaining('There is no chart "horoscope"') })
  writeFileSync(job, '{')
  expect((await draw(job)).code).toBe(1)
  expect(await draw(join(folders.library, 'missing.json'))).toMatchObject({
    code: 1,
    said: expect.stringContaining('missing.json'),
  })
  expect(existsSync(file)).toBe(false)
})
