import { expect, test as base } from '@playwright/test'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from './launch'
import type { Folders, OpenApp } from './launch'

interface Fixtures {
  readonly folders: Folders
  /** Opens the app on the test's own folders; every app that is still open when the test ends is ended with it. */
  readonly open: (more?: readonly string[]) => Promise<OpenApp>
  readonly opened: OpenApp
}

/** Ends a process at once and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Fresh folders per test, and no violation of the content security policy in any. */
export const test = base.extend<Fixtures>({
  // Playwright wants a destructuring pattern, even an empty one.
  folders: async ({}, use) => {
    const root = mkdtempSync(join(tmpdir(), 'batchlab-app-'))
    await use({ userData: join(root, 'user data'), library: join(root, 'lïbrary ñ 字') })
    // Chromium's other processes write for a moment after the first one is gone. The retries of
    // rmSync itself list a folder only once, and so never see what was written since.
    await expect(() => {
      rmSync(root, { recursive: true, force: true })
    }).toPass({ timeout: 30_000 })
  },
  open: async ({ folders }, use) => {
    const all: OpenApp[] = []
    await use(async (more = []) => {
      const opened = await launch(folders, more)
      all.push(opened)
      return opened
    })
    for (const { process, violations } of all) {
      await end(process)
      expect(violations, 'violations of the content security policy').toEqual([])
    }
  },
  opened: async ({ open }, use) => use(await open()),
})

export { expect }
