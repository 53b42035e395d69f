import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from './fixtures'

/** A port of this machine on which whatever arrives, by UDP or TCP, is noted. */
async function listening(): Promise<{ readonly port: number; readonly heard: string[]; readonly close: () => void }> {
  const heard: string[] = []
  const tcp = createServer((socket) => {
    heard.push('tcp')
    socket.on('error', () => undefined).destroy()
  }).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4', (message) => {
    heard.push(`udp ${message.subarray(0, 2).toString('hex')}`)
  }).bind(port, '127.0.0.1')
  await once(udp, 'listening')
  return {
    port,
    heard,
    close: () => {
      tcp.close()
      udp.close()
    },
  }
}

/** Every way that a page has of saying something to the network, each tried; settles when all had time to. */
const everyWay = (port: number): string => `(async () => {
  const at = '127.0.0.1:${String(port)}'
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const outcomes = {}
  const way = async (name, attempt) => { try { outcomes[name] = String(await Promise.race([attempt(), wait(8000).then(() => 'no answer')])) } catch (error) { outcomes[name] = 'refused: ' + error } }
  const element = (tag, properties) => { document.body.append(Object.assign(document.createElement(tag), properties)); return 'placed' }
  const call = async (make) => {
    const peer = make({ iceServers: [{ urls: ['stun:' + at, 'stun:named.example.com:3478'] }, { urls: ['turn:' + at + '?transport=udp', 'turn:' + at + '?transport=tcp', 'turns:' + at + '?transport=tcp'], username: 'secret', credential: 'secret' }] })
    const found = []
    peer.onicecandidate = ({ candidate }) => { if (candidate !== null) found.push(candidate.candidate) }
    peer.createDataChannel('out')
    await peer.setLocalDescription(await peer.createOffer())
    // Somebody who makes up the other side's answer says where the packets go.
    const other = make({})
    await other.setRemoteDescription(peer.localDescription)
    await other.setLocalDescription(await other.createAnswer())
    await peer.setRemoteDescription(other.localDescription)
    for (const candidate of ['candidate:1 1 udp 2122260223 127.0.0.1 ${String(port)} typ host', 'candidate:2 1 tcp 1518280447 127.0.0.1 ${String(port)} typ host tcptype passive'])
      await peer.addIceCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 })
    await wait(1200)
    peer.close(), other.close()
    return found.length + ' candidates'
  }
  const inWorker = (script) => new Promise((resolve, reject) => { const worker = new Worker(URL.createObjectURL(new Blob([script]))); worker.onmessage = ({ data }) => resolve(data); worker.onerror = ({ message }) => reject(message) })
  const frame = document.createElement('iframe')
  document.body.append(frame)
  await Promise.all([
    way('WebRTC', () => call((configuration) => new RTCPeerConnection(configuration))),
    way('WebRTC by its old name', () => call((configuration) => new webkitRTCPeerConnection(configuration))),
    way('WebRTC of a frame', () => call((configuration) => new frame.contentWindow.RTCPeerConnection(configuration))),
    way('WebTransport', () => new WebTransport('https://' + at + '/').ready),
    way('WebSocket', () => new Promise((resolve, reject) => { const socket = new WebSocket('ws://' + at); socket.onopen = resolve; socket.onerror = () => reject('error') })),
    way('EventSource', () => new Promise((resolve, reject) => { const source = new EventSource('http://' + at); source.onopen = resolve; source.onerror = () => reject('error') })),
    way('fetch', () => fetch('http://' + at + '/fetch?secret')),
    way('fetch without CORS', () => fetch('http://' + at + '/fetch?secret', { mode: 'no-cors', keepalive: true })),
    way('XMLHttpRequest', () => new Promise((resolve, reject) => { const request = new XMLHttpRequest(); request.open('GET', 'http://' + at); request.onload = resolve; request.onerror = () => reject('error'); request.send() })),
    way('sendBeacon', () => navigator.sendBeacon('http://' + at + '/beacon', 'secret')),
    way('fetch of a worker', () => inWorker("fetch('http://" + at + "/worker', { mode: 'no-cors' }).then(() => postMessage('fetched'), (error) => postMessage('refused: ' + error))")),
    way('WebSocket of a worker', () => inWorker("const socket = new WebSocket('ws://" + at + "'); socket.onopen = () => postMessage('open'); socket.onerror = () => postMessage('refused')")),
    way('shared worker', () => { new SharedWorker('http://' + at + '/shared.js'); return 'placed' }),
    way('service worker', () => navigator.serviceWorker.register('http://' + at + '/service.js')),
    way('worker from elsewhere', () => { new Worker('http://' + at + '/worker.js'); return 'placed' }),
    way('import', () => import('http://' + at + '/module.js')),
    way('script', () => element('script', { src: 'http://' + at + '/script.js' })),
    way('image', () => element('img', { src: 'http://' + at + '/image.png?secret' })),
    way('video', () => element('video', { src: 'http://' + at + '/video.mp4', autoplay: true, muted: true })),
    way('object', () => element('object', { data: 'http://' + at + '/object' })),
    way('embed', () => element('embed', { src: 'http://' + at + '/embed' })),
    way('frame', () => element('iframe', { src: 'http://' + at + '/frame' })),
    way('style', () => element('style', { textContent: '@import url(http://' + at + '/style.css); @font-face { font-family: f; src: url(http://' + at + '/font.woff2) } body { font-family: f; background: url(http://' + at + '/background.png) }' })),
    ...['stylesheet', 'preconnect', 'dns-prefetch', 'prefetch', 'preload', 'modulepreload', 'prerender', 'manifest', 'icon', 'search'].map((rel) =>
      way('link ' + rel, () => { const link = Object.assign(document.createElement('link'), { rel, as: 'image', crossOrigin: 'anonymous', href: 'http://' + (rel === 'dns-prefetch' ? 'secret.example.com' : at) + '/' + rel }); document.head.append(link); return 'placed' })),
    way('speculation rules', () => { const rules = document.createElement('script'); rules.type = 'speculationrules'; rules.textContent = JSON.stringify({ prefetch: [{ source: 'list', urls: ['http://' + at + '/speculated'] }], prerender: [{ source: 'list', urls: ['http://' + at + '/prerendered'] }] }); document.head.append(rules); return 'placed' }),
    way('form', () => { const form = Object.assign(document.createElement('form'), { action: 'http://' + at + '/form', method: 'post', target: '_blank' }); document.body.append(form); form.submit(); return 'placed' }),
    way('form in a frame', () => { frame.name = 'inside'; const form = Object.assign(document.createElement('form'), { action: 'http://' + at + '/form', target: 'inside' }); document.body.append(form); form.submit(); return 'placed' }),
    way('refresh', () => { document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: '0; url=http://' + at + '/refresh' })); return 'placed' }),
    way('ping', () => { const link = Object.assign(document.createElement('a'), { href: '#', ping: 'http://' + at + '/ping' }); document.body.append(link); link.click(); return 'placed' }),
    way('download', () => { const link = Object.assign(document.createElement('a'), { href: 'http://' + at + '/download', download: 'x' }); document.body.append(link); link.click(); return 'placed' }),
    way('federated credentials', () => navigator.credentials.get({ identity: { providers: [{ configURL: 'https://' + at + '/config.json', clientId: 'x' }] } })),
    way('public key', () => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16), rpId: 'bundle', timeout: 1000 } })),
    way('payment', () => new PaymentRequest([{ supportedMethods: 'https://' + at + '/pay' }], { total: { label: 'x', amount: { currency: 'USD', value: '1' } } }).show()),
    way('related applications', () => navigator.getInstalledRelatedApps()),
    way('push', () => navigator.serviceWorker.ready.then((worker) => worker.pushManager.subscribe({ userVisibleOnly: true }))),
    way('background fetch', () => navigator.serviceWorker.ready.then((worker) => worker.backgroundFetch.fetch('x', ['http://' + at + '/background']))),
    way('direct sockets', () => new UDPSocket({ remoteAddress: '127.0.0.1', remotePort: ${String(port)} }).opened),
    way('speech', () => { const speech = new webkitSpeechRecognition(); speech.start(); return 'placed' }),
    way('cast', () => new PresentationRequest('http://' + at + '/present').start()),
    way('remote playback', () => document.querySelector('video').remote.prompt()),
  ])
  return outcomes
})()`

/**
 * What Chromium itself noted that it did with the network: names that it looked up, connections that it tried,
 * datagrams that it sent.
 */
function netActions(file: string): readonly string[] {
  const { constants, events } = JSON.parse(readFileSync(file, 'utf8')) as {
    constants: { logEventTypes: Record<string, number> }
    events: { type: number; params?: unknown }[]
  }
  const names = [
    'TCP_CONNECT',
    'TCP_CONNECT_ATTEMPT',
    'UDP_CONNECT',
    'UDP_BYTES_SENT',
    'HOST_RESOLVER_MANAGER_JOB',
    'HOST_RESOLVER_SYSTEM_TASK',
    'HOST_RESOLVER_PROC_TASK',
    'DNS_TRANSACTION',
    'SOCKET_BYTES_SENT',
  ]
  const known = new Map(
    names.flatMap((name) =>
      constants.logEventTypes[name] === undefined ? [] : [[constants.logEventTypes[name], name] as const],
    ),
  )
  return events.flatMap(({ type, params }) =>
    known.has(type) ? [`${known.get(type) ?? ''} ${JSON.stringify(params ?? {})}`] : [],
  )
}

// These provoke violations on purpose, and take them back.
test('says nothing to the network, by whatever means a page has', async ({ open, folders }) => {
  const { port, heard, close } = await listening()
  // Written by Chromium itself, from its start on.
  const file = join(folders.userData, 'net.json')
  const { app, page, violations } = await open([`--log-net-log=${file}`, '--net-log-capture-mode=Everything'])
  const outcomes = (await page.evaluate(everyWay(port))) as Record<string, string>
  // The same in a page without our policy: it does not hang on the policy alone.
  const bare = await app.evaluate(async ({ BrowserWindow }, script) => {
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true, contextIsolation: true } })
    try {
      await window.loadURL('data:text/html,<body></body>')
      return (await window.webContents.executeJavaScript(script)) as Record<string, string>
    } finally {
      window.destroy()
    }
  }, everyWay(port))
  expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
  violations.length = 0
  await app.close()
  expect({ heard, done: netActions(file) }).toEqual({ heard: [], done: [] })
  expect({ outcomes, bare }).toEqual({
    outcomes: expect.objectContaining({ WebRTC: '0 candidates', 'WebRTC of a frame': '0 candidates' }),
    bare: expect.objectContaining({ WebRTC: '0 candidates', 'fetch without CORS': expect.stringContaining('refused') }),
  })
  close()
})
