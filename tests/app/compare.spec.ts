import { expect, test } from './fixtures'
import { button, goTo, row } from './screens'
import { brief, reaches, runOf, startRun } from './training'

test('a comparison feeds each network as it was trained, and says which images one of them has seen', async ({
  opened: { page },
}) => {
  test.setTimeout(120_000)
  const one = await startRun(page, {
    ...brief,
    name: 'Raw pixels',
    data: { source: { type: 'digits' }, normalisation: 'none' },
  })
  const other = await startRun(page, {
    ...brief,
    name: 'Another split',
    data: { source: { type: 'digits' }, splitSeed: 1 },
  })
  await reaches(page, other, 'finished')
  await goTo(page, 'Runs')
  await row(page, 'Raw pixels').click()
  await row(page, 'Another split').click({ modifiers: ['Control'] })
  await button(page, 'Compare checkpoints').click()
  const main = page.getByRole('main')

  await test.step('on the test images, which both keep, each scores what its record says', async () => {
    await main.getByRole('radiogroup', { name: 'Split' }).getByText('Test').click()
    await button(page, 'Compare').click()
    await expect(page.getByRole('heading', { name: 'Is it a difference?' })).toBeVisible({ timeout: 30_000 })
    const scores = await Promise.all(
      [one, other].map(async (id) => `${((await runOf(page, id)).test.best!.score.accuracy * 100).toFixed(2)} %`),
    )
    const shown = (await main.getByRole('row', { name: /^Accuracy on test/ }).innerText()).replaceAll('\u00a0', ' ')
    for (const score of scores) expect(shown).toContain(score)
    await expect(main.getByRole('row', { name: /^Fed with/ })).toContainText('pixels 0…1')
    await expect(main.getByRole('row', { name: /^Seen in training/ })).toContainText('0')
  })

  await test.step('on validation images it says what the second was trained on, beside p, until those are left out', async () => {
    await main.getByRole('radiogroup', { name: 'Split' }).getByText('Validation').click()
    await button(page, 'Compare').click()
    await expect(main.getByText(/^B was trained on \d+ of the 288 validation images\.$/)).toBeVisible({
      timeout: 30_000,
    })
    await expect(main.getByText(/\d+ by B alone: p compares what was learned by heart too/)).toBeVisible()
    await main.getByRole('switch', { name: 'Only unseen' }).click()
    await button(page, 'Compare').click()
    await expect(main.getByRole('row', { name: /^Images \(\d+ left out\)/ })).toBeVisible({ timeout: 30_000 })
    await expect(main.getByText(/was trained on/)).toHaveCount(0)
  })
})
