#!/usr/bin/env node
// The command line: sets up and builds what is missing, then runs out/main/cli.js in this process. Only the command
// itself writes to stdout.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfNeeded } from './setup/build.mjs'
import { projectFolder, readRecord } from './setup/cache.mjs'
import { setUp } from './setup/setup.mjs'
import { engineRecord } from './setup/state.mjs'

const say = (sentence) => process.stderr.write(`${sentence}\n`)

// These compute nothing, so they need not wait for a download.
const light = [
  'schema',
  'presets',
  'plan',
  'list',
  'show',
  'export',
  'pause',
  'remove',
  'restore',
  'data',
  'doctor',
  'verify',
  'help',
]
const command = process.argv[2]
const computes = command !== undefined && !command.startsWith('-') && !light.includes(command)

// A set-up that failed is tried again by `npm start` and `npm run setup`, not by every command.
if (computes && readRecord(engineRecord)?.ok !== false) await setUp({ parts: ['engine'] })

try {
  await buildIfNeeded(say)
} catch (error) {
  say(error.message)
  process.exit(1)
}

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
await import(pathToFileURL(path.join(projectFolder, 'out', 'main', 'cli.js')).href)
