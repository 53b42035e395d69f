import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { removeFolder } from '../support/cleanup'

vi.mock('electron', () => ({ protocol: {} }))
const { contentSecurityPolicy, fileOf, isPage, respond } = await import('../../main/electron/appProtocol')

describe('the app: protocol', () => {
  let folder: string
  let root: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'batchlab-protocol-'))
    root = join(folder, 'page')
    mkdirSync(join(root, 'assets'), { recursive: true })
    writeFileSync(join(root, 'index.html'), '<p>here')
    writeFileSync(join(root, 'assets', 'ü ñ.js'), 'true')
    writeFileSync(join(root, 'notes.exe'), 'no')
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'))
    symlinkSync(join(root, 'index.html'), join(root, 'inner.html'))
  })
  afterAll(() => removeFolder(folder))

  it('finds the files of the page', async () => {
    expect(await fileOf(root, 'app://bundle/index.html')).toMatch(/page[/\\]index\.html$/)
    expect(await fileOf(root, 'app://bundle/index.html?a=1#/runs')).toMatch(/index\.html$/)
    expect(await fileOf(root, 'app://bundle/assets/%C3%BC%20%C3%B1.js')).toMatch(/ü ñ\.js$/)
    expect(await fileOf(root, 'app://bundle/inner.html')).toMatch(/index\.html$/)
  })

  it.each([
    'app://bundle/../secret.txt',
    'app://bundle/..%2fsecret.txt',
    'app://bundle/%2e%2e/secret.txt',
    'app://bundle/%2e%2e%2fsecret.txt',
    'app://bundle/..%5csecret.txt',
    'app://bundle/assets/..%2f..%2fsecret.txt',
    'app://bundle//etc/hosts.txt',
    'app://bundle/link.txt',
    'app://bundle/index.html%00.txt',
    'app://bundle/notes.exe',
    'app://bundle/',
    'app://bundle/assets',
    'app://bundle/missing.html',
    'app://other/index.html',
    'app://bundle.evil/index.html',
    'app://bundle/%',
    'nonsense',
  ])('finds nothing for %s', async (address) => {
    expect(await fileOf(root, address)).toBeNull()
  })

  it('sends the policy and the type with every file', async () => {
    const response = await respond(root, { method: 'GET', url: 'app://bundle/index.html' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('<p>here')
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it("allows no script but the app's own", () => {
    const directives = new Map(
      contentSecurityPolicy
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]),
    )
    expect(directives.get('default-src')).toBe("'none'")
    expect(directives.get('script-src')).toBe("'self'")
    expect(directives.get('connect-src')).toBe("'self'")
    expect(contentSecurityPolicy).not.toContain('unsafe-eval')
  })

  it('refuses what is no reading', async () => {
    expect((await respond(root, { method: 'POST', url: 'app://bundle/index.html' })).status).toBe(405)
    expect((await respond(root, { method: 'GET', url: 'app://bundle/link.txt' })).status).toBe(404)
  })

  it.each([
    ['app://bundle/index.html', true],
    ['app://bundle/figure.html#x', true],
    ['app://bundle.evil/', false],
    ['app://bundle@evil/', false],
    ['app://user@bundle/', false],
    ['app://bundle:80/', false],
    ['https://bundle/', false],
    ['file:///etc/passwd', false],
    ['about:blank', false],
    ['javascript:1', false],
    ['data:text/html,x', false],
    ['', false],
  ])('tells whether %s is a page of the app: %s', (address, expected) => {
    expect(isPage(address)).toBe(expected)
  })
})
