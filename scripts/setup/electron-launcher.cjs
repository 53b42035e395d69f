// A stand-in for Electron's own default app, for a runtime that was packaged without it: it opens the app whose
// folder (or main file) is named first on the command line, as `electron FOLDER` does.
const { statSync } = require('node:fs')
const path = require('node:path')
const { app } = require('electron')

const [runtime, ...given] = process.argv

// `-r FILE` is how Playwright loads its driver before the app.
const required = given.findIndex((argument) => argument === '-r' || argument === '--require')
if (required >= 0)
  given
    .splice(required, 2)
    .slice(1)
    .forEach((file) => require(path.resolve(file)))

const target = path.resolve(given.find((argument) => !argument.startsWith('-')) ?? '.')
const isFolder = statSync(target).isDirectory()
const folder = isFolder ? target : path.dirname(target)
const manifest = isFolder ? require(path.join(folder, 'package.json')) : {}

// The app must not be able to tell: Electron's default app sets these before it loads the main file.
process.defaultApp = true
process.argv = [runtime, ...given]
app.setAppPath(folder)
if (isFolder) app.setName(manifest.productName ?? manifest.name)
if (manifest.version !== undefined) app.setVersion(manifest.version)
require(isFolder ? path.join(folder, manifest.main ?? 'index.js') : target)
