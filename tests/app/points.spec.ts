import type { Locator } from '@playwright/test'
import { expect, test } from './fixtures'
import { choose, goTo } from './screens'

const middle = async (handle: Locator): Promise<{ readonly x: number; readonly y: number }> => {
  const box = await handle.boundingBox()
  if (box === null) throw new Error('The point is not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Pastes as a spreadsheet does, without the clipboard of whoever runs the tests. */
const paste = (box: Locator, text: string): Promise<void> =>
  box.evaluate((element, pasted) => {
    const data = new DataTransfer()
    data.setData('text/plain', pasted)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, text)

test('a table of points is drawn, moved by keys, pasted over and undone', async ({ opened: { page } }) => {
  await goTo(page, 'Editor')
  await choose(page, 'learningRate.schedule.type', 'Table of points')
  await choose(page, 'learningRate.schedule.unit', 'Epochs')
  const box = page.locator('[data-path="learningRate.schedule.points"]')
  const list = box.getByRole('textbox')
  const handles = box.getByRole('slider')
  const rows = async (): Promise<number[][]> =>
    (await list.inputValue()).split('\n').map((line) => line.split(/\s+/).map(Number))
  await box.scrollIntoViewIfNeeded()

  const plot = await box.getByRole('group').boundingBox()
  if (plot === null) throw new Error('The plot is not on the screen')
  await page.mouse.click(plot.x + plot.width * 0.5, plot.y + plot.height * 0.4)
  await expect(handles).toHaveCount(2)
  const [drawn] = (await rows()).slice(1)
  expect(drawn?.[0]).toBeGreaterThan(5)
  expect(drawn?.[0]).toBeLessThan(15)

  const from = await middle(handles.nth(1))
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 30, from.y + 20, { steps: 4 })
  await page.mouse.up()
  const [dragged] = (await rows()).slice(1)
  expect(dragged?.[0]).toBeGreaterThan(drawn?.[0] ?? NaN)
  expect(dragged?.[1]).toBeLessThan(drawn?.[1] ?? NaN)

  await handles.nth(1).focus()
  await page.keyboard.press('Enter')
  await expect(handles).toHaveCount(3)
  await expect(handles.nth(2)).toBeFocused()
  const [, , before] = await rows()
  await page.keyboard.press('ArrowUp')
  await expect.poll(async () => (await rows())[2]?.[1]).toBeGreaterThan(before?.[1] ?? NaN)
  await page.keyboard.press('Delete')
  await expect(handles).toHaveCount(2)

  const at = await middle(handles.nth(1))
  await page.mouse.dblclick(at.x, at.y)
  await expect(handles).toHaveCount(1)
  await box.getByRole('button', { name: 'Undo' }).click()
  await expect(handles).toHaveCount(2)

  await paste(list, 'epoch\trate\n0\t0.1\n10\t0,05\n')
  await expect(box.getByRole('alert')).toHaveText('Line 3 has a decimal comma in 0,05: write 0.05')
  await expect(list).toHaveValue('epoch\trate\n0\t0.1\n10\t0,05\n')
  await paste(list, 'epoch\trate\n0\t0.1\n10\t0.05\n15\t0.01\n')
  await expect(list).toHaveValue('0  0.1\n10  0.05\n15  0.01')
  await expect(handles).toHaveCount(3)
  await expect(box.getByRole('alert')).toHaveCount(0)
})

test('a join has its parts in the form', async ({ opened: { page } }) => {
  await goTo(page, 'Editor')
  await choose(page, 'learningRate.schedule.type', 'Join')
  await page.getByRole('button', { name: 'Add a part' }).click()
  await choose(page, 'learningRate.schedule.parts.1.schedule.type', 'Scale')
  await choose(page, 'learningRate.schedule.parts.1.schedule.schedule.type', 'Step')
  await page
    .locator('[data-path="learningRate.schedule.parts.1.schedule.schedule.every"]')
    .getByRole('textbox')
    .fill('0')
  await expect(
    page.locator('[data-path="learningRate.schedule.parts.1.schedule.schedule.every"]').getByRole('alert'),
  ).toHaveText('Drop every: must be at least 1, found 0')
  await page.getByRole('button', { name: 'Remove part 2' }).click()
  await expect(page.getByRole('group', { name: /^Part \d$/ })).toHaveCount(2)
  await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0)
})
