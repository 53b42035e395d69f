import { significant } from '../../core/numbers'
import { expect, test } from './fixtures'
import { button, goTo, numberOf, row, shows } from './screens'
import { endless, reaches, runOf, startRun, traceOf } from './training'

test('a finished run says where its rate would jump, asks what becomes of the schedule, and trains on as chosen', async ({
  opened: { page },
}) => {
  const id = await startRun(page, {
    ...endless,
    name: 'Cosine',
    epochs: 4,
    learningRate: { base: 0.02, schedule: { type: 'cosine' } },
  })
  await reaches(page, id, 'finished')
  const ended = await runOf(page, id)
  const rateAt = async (update: number): Promise<number> => {
    const { update: updates, learningRate } = await traceOf(page, id)
    return learningRate[updates.indexOf(update)] ?? NaN
  }
  const last = await rateAt(ended.updates)
  await goTo(page, 'Runs')
  await row(page, 'Cosine').dblclick()
  await shows(page, 'Finished')

  await test.step('both rates stand beside each choice, and nothing is chosen for anybody', async () => {
    await button(page, 'Extend…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Train until epoch' }).fill('8')
    const choices = dialog.getByRole('radio')
    await expect(choices).toHaveCount(3)
    for (const choice of await choices.all()) await expect(choice).not.toBeChecked()
    const from = significant(last)
    // Half of a cosine over twice the epochs is half the rate.
    await expect(
      dialog.getByText(
        `The schedule over all 8 epochs, as if it had been planned so: the rate goes from ${from} to 0.01`,
        { exact: true },
      ),
    ).toBeVisible()
    await expect(dialog.getByText(`The last rate is held: the rate goes on at ${from}`, { exact: true })).toBeVisible()
    await expect(
      dialog.getByText(`The schedule once more over the added epochs: the rate goes from ${from} to 0.02`, {
        exact: true,
      }),
    ).toBeVisible()
    await expect(
      dialog.getByRole('img', {
        name: `The rate over ${String(ended.updates * 2)} updates, of which ${String(ended.updates)} are done`,
      }),
    ).toBeVisible()
    await expect(dialog.getByRole('button', { name: 'Extend and train on' })).toBeDisabled()
    await dialog.getByRole('radio', { name: /^The last rate is held/ }).check()
    await dialog.getByRole('button', { name: 'Extend and train on' }).click()
  })

  await test.step('it trains on to the new end at the rate that was held', async () => {
    await expect.poll(async () => (await runOf(page, id)).moment.update, { timeout: 30_000 }).toBe(ended.updates * 2)
    await reaches(page, id, 'finished')
    for (const update of [ended.updates + 1, ended.updates * 2]) expect(await rateAt(update)).toBe(last)
    await shows(page, 'Finished, extended')
    await expect.poll(() => numberOf(page, 'Epoch')).toBe('8 / 8')
  })

  await test.step('the charts mark where, and the log says what', async () => {
    for (const chart of ['Loss', 'Learning rate'])
      await expect(
        page.getByRole('region', { name: chart, exact: true }).getByText('extended to 8 epochs', { exact: true }),
      ).toBeVisible()
    await page.getByRole('tab', { name: 'Log' }).click()
    await expect(page.getByRole('main')).toContainText(
      `Extended from 4 to 8 epochs at update ${String(ended.updates)}: the last rate of the schedule is held`,
    )
  })
})
