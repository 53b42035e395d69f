// What Electron gives a utility process: a port to its parent, here over the channel that Node gives a child.
process.parentPort = {
  postMessage: (message) => process.send(message),
  on: (_event, on) => {
    process.on('message', (data) => on({ data }))
  },
}
