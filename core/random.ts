import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * What a stream of random numbers is drawn for; each purpose has its own stream, so adding one never shifts another.
 */
export type Purpose = 'split' | 'order' | 'augment' | 'dropout' | 'weights' | 'noise' | 'mix' | 'synthetic' | 'probe'

const purposeNumber: Readonly<Record<Purpose, number>> = {
  split: 1,
  order: 2,
  augment: 3,
  dropout: 4,
  weights: 5,
  noise: 6,
  mix: 7,
  synthetic: 8,
  probe: 9,
}

/** A source of random numbers: a pure function of the seed and indices that it was made from. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  readonly uniform: () => number
  /** Uniform integer in [0, below). */
  readonly integer: (below: number) => number
  /** Standard normal (Box–Muller, both values used). */
  readonly normal: () => number
}

// The finaliser of MurmurHash3 (Appleby, public domain): every input bit flips each output bit with probability near
// 1/2.
const mix = (hash: number, value: number): number => {
  let h = (hash ^ value) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The random stream for (seed, purpose, …indices), such as (seed, 'augment', epoch, image). */
export function randomFor(seed: number, purpose: Purpose, ...indices: readonly number[]): Random {
  let hash = mix(0x9e3779b9, seed >>> 0)
  hash = mix(hash, Math.floor(seed / 2 ** 32))
  hash = mix(hash + 0x6d2b79f5, purposeNumber[purpose])
  for (const index of indices) hash = mix(hash + 0x6d2b79f5, index >>> 0)
  const generator = xoroshiro128plus(hash | 0)
  const uniform = (): number => (generator.next() >>> 0) / 2 ** 32
  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return { uniform, integer: (below) => Math.floor(uniform() * below), normal }
}

/** A random order of 0 … count−1 (Fisher–Yates, Durstenfeld 1964). */
export function permutation(random: Random, count: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const held = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = held
  }
  return order
}

/** The order in which the training images are visited in an epoch: one shuffle per epoch (Goyal et al. 2017, §3). */
export const epochOrder = (seed: number, epoch: number, count: number): Uint32Array =>
  permutation(randomFor(seed, 'order', epoch), count)
