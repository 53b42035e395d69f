import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import type { HostMessage } from '../../core/job'

type Heartbeat = Extract<HostMessage, { type: 'heartbeat' }>

/**
 * Reads nvidia-smi's answer, a line per GPU ("37, 4096" in percent and MiB); null when it makes no sense. The busiest
 * GPU counts, memory is summed.
 */
export function parseGpu(answer: string): Heartbeat['gpu'] {
  const rows = answer
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => Number.parseFloat(cell)))
  const utilisation = Math.max(...rows.map(([percent]) => percent ?? NaN)) / 100
  const memoryBytes = rows.reduce((sum, [, mebibytes]) => sum + (mebibytes ?? NaN), 0) * 2 ** 20
  return Number.isFinite(utilisation) && Number.isFinite(memoryBytes) ? { utilisation, memoryBytes } : null
}

const gpuQuery = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits']

/**
 * Samples what this process takes from the machine: resident memory, the fraction of all cores since the last sample,
 * and the GPU as nvidia-smi sees it. nvidia-smi itself takes a while, so it runs beside, at most once in two seconds,
 * and never again once it is found missing.
 */
export function loadSampler(): () => Heartbeat {
  let gpu: Heartbeat['gpu'] = null
  let isAsking = false
  let isMissing = false
  let askedAt = -Infinity
  let before = { at: performance.now(), cpu: process.cpuUsage() }

  const ask = (): void => {
    if (isMissing || isAsking || performance.now() - askedAt < 2000) return
    isAsking = true
    askedAt = performance.now()
    execFile('nvidia-smi', gpuQuery, { timeout: 5000, windowsHide: true }, (error, answer) => {
      isAsking = false
      isMissing = error !== null
      gpu = error === null ? parseGpu(answer) : null
    })
  }

  return () => {
    ask()
    const at = performance.now()
    const cpu = process.cpuUsage()
    const busyMs = (cpu.user - before.cpu.user + cpu.system - before.cpu.system) / 1000
    const cpuFraction = at > before.at ? Math.min(1, busyMs / (at - before.at) / cpus().length) : 0
    before = { at, cpu }
    return { type: 'heartbeat', rssBytes: process.memoryUsage.rss(), cpuFraction, gpu }
  }
}
