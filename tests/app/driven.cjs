// Required before the app's own main, which stays as it is: a line to the test in place of a driver, which would hold a
// page whose process crashes or hangs.
const { app, BrowserWindow, dialog } = require('electron')

const page = () => BrowserWindow.getAllWindows()[0].webContents
const asked = []
let answer = () => undefined
/** Each question waits until it is answered, as with nobody at the keyboard. */
dialog.showMessageBox = (...given) => {
  const options = given.at(-1)
  asked.push({ message: options.message, buttons: options.buttons })
  return new Promise((resolve) => {
    answer = (response) => resolve({ response, checkboxChecked: false })
    options.signal?.addEventListener('abort', () => resolve({ response: options.cancelId, checkboxChecked: false }))
  })
}
dialog.showErrorBox = (title) => {
  asked.push({ message: title, buttons: 'an error box, which blocks' })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)
}

const doings = {
  inPage: (script) => page().executeJavaScript(script),
  /** Begins what never comes back. */
  hang: () => {
    void page()
      .executeJavaScript('setTimeout(() => { for (;;); })')
      .catch(() => undefined)
  },
  emit: (event) => {
    BrowserWindow.getAllWindows()[0].emit(event)
  },
  pid: () => page().getOSProcessId(),
  gpu: () =>
    app
      .getAppMetrics()
      .filter(({ type }) => type === 'GPU')
      .map(({ pid }) => pid),
  asked: () => asked,
  answer: (response) => answer(response),
  quit: () => {
    app.quit()
  },
}
process.on('message', ({ id, what, input }) => {
  Promise.resolve()
    .then(() => doings[what](input))
    .then(
      (value) => process.send({ id, value }),
      (error) => process.send({ id, error: String(error) }),
    )
})
