import { expect, test } from './fixtures'
import { choose, fill, goTo } from './screens'

test('a number that is typed or pasted is never another one', async ({ opened: { page } }) => {
  await goTo(page, 'Editor')
  const box = (path: string) => page.locator(`[data-path="${path}"]`)
  const shown = (label: string) => page.getByRole('main').getByText(label, { exact: true }).locator('..')

  await fill(page, 'epochs', '1,000')
  await expect(box('epochs').getByRole('textbox')).toHaveValue('1000')
  await expect(shown('Updates in all')).toContainText('1,000 epochs')
  await fill(page, 'epochs', '1.000')
  await expect(box('epochs').getByRole('alert')).toHaveText(
    'Epochs: must be written in one way only: “1.000” can mean 1000 or 1',
  )
  await expect(box('epochs').getByRole('textbox')).toHaveValue('1.000')
  await fill(page, 'epochs', '2\u202f000')
  await expect(box('epochs').getByRole('textbox')).toHaveValue('2000')

  await fill(page, 'learningRate.base', '1,000')
  await expect(box('learningRate.base').getByRole('alert')).toHaveText(
    'Base learning rate: must be written in one way only: “1,000” can mean 1000 or 1',
  )
  await fill(page, 'learningRate.base', '5·10⁻²')
  await expect(box('learningRate.base').getByRole('textbox')).toHaveValue('0.05')

  await choose(page, 'learningRate.schedule.type', 'Multi-step')
  await fill(page, 'learningRate.schedule.milestones', '0,5; 0,75')
  await expect(box('learningRate.schedule.milestones').getByRole('textbox')).toHaveValue('0.5, 0.75')
  await fill(page, 'learningRate.schedule.milestones', '0,5')
  await expect(box('learningRate.schedule.milestones').getByRole('alert')).toContainText(
    '“0,5” can mean 0 and 5, or 0.5',
  )
})
