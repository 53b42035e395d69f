import { describe, expect, it } from 'vitest'
import { InitialisationConfig, NetworkConfig, NetworkOptions } from '../../core/config/network'
import { networkFor, weightsOf, type WeightSpec } from '../../core/network'
import { initialWeights, initialWeightValues } from '../../main/trainer/learner/initialise'

// 16 channels in, 32 out, 3×3: fan in 144, fan out 288.
const conv: WeightSpec = {
  name: 'conv.weight',
  role: 'weight',
  shape: [3, 3, 16, 32],
  trainable: true,
  fanIn: 144,
  fanOut: 288,
}
const config = (method: string, fan = 'in'): InitialisationConfig => InitialisationConfig.parse({ method, fan })

const deviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

describe('initialValues', () => {
  it.each([
    ['heNormal', 'in', 0.1178511],
    ['heNormal', 'out', 0.0833333],
    ['glorotNormal', 'in', 0.0680414],
    ['lecunNormal', 'in', 0.0833333],
    ['lecunNormal', 'out', 0.0589256],
  ])('%s over fan %s has a standard deviation of %d', (method, fan, expected) => {
    const values = initialWeightValues(conv, config(method, fan), 7)
    // 4,608 draws: the standard error of a standard deviation is 1 % of it.
    expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.04)
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(
      (4 * expected) / Math.sqrt(values.length),
    )
    expect(Math.max(...values.map(Math.abs)) / expected).toBeGreaterThan(3)
  })

  it.each([
    ['heUniform', 'in', 0.2041241],
    ['heUniform', 'out', 0.1443376],
    ['glorotUniform', 'in', 0.1178511],
    ['torch', 'in', 0.0833333],
  ])('%s over fan %s stays within ±%d and fills it', (method, fan, bound) => {
    const values = initialWeightValues(conv, config(method, fan), 7)
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound * (1 + 1e-6))
    expect(Math.max(...values)).toBeGreaterThan(0.99 * bound)
    expect(Math.min(...values)).toBeLessThan(-0.99 * bound)
    expect(Math.abs(deviation(values) / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.04)
  })

  it.each<[string, readonly number[]]>([
    ['more inputs than outputs', [3, 3, 4, 8]],
    ['more outputs than inputs', [5, 12]],
    ['a square', [6, 6]],
  ])('orthogonal weights have WWᵀ = 2I: %s', (_, shape) => {
    const outputs = shape.at(-1)!
    const inputs = shape.reduce((a, b) => a * b, 1) / outputs
    const values = initialWeightValues({ ...conv, shape, fanIn: inputs, fanOut: outputs }, config('orthogonal'), 3)
    const [count, length] = inputs < outputs ? [inputs, outputs] : [outputs, inputs]
    const element = (k: number, i: number): number => values[inputs < outputs ? k * outputs + i : i * outputs + k]!
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let product = 0
        for (let i = 0; i < length; i++) product += element(a, i) * element(b, i)
        expect(product).toBeCloseTo(a === b ? 2 : 0, 5)
      }
    }
  })

  it('starts biases at zero, and with torch uniform like the weights', () => {
    const bias: WeightSpec = { ...conv, name: 'conv.bias', role: 'bias', shape: [400] }
    expect(initialWeightValues(bias, config('heNormal'), 7).every((value) => value === 0)).toBe(true)
    const torch = initialWeightValues(bias, config('torch'), 7)
    expect(Math.max(...torch.map(Math.abs))).toBeLessThanOrEqual(1 / 12 + 1e-7)
    expect(deviation(torch)).toBeGreaterThan(0.04)
  })
})

describe('initialState', () => {
  const shape = [8, 8, 1] as const
  const state = (seed: number, network: object) => {
    const options = NetworkOptions.parse({ zeroLastGamma: true })
    return initialWeights(
      networkFor(NetworkConfig.parse(network), options, shape, 10),
      shape,
      options.initialisation,
      seed,
    )
  }

  it('is a function of the seed alone', () => {
    expect(state(1, { type: 'resnet' })).toEqual(state(1, { type: 'resnet' }))
    expect(state(1, { type: 'resnet' }).get('conv1.weight')).not.toEqual(
      state(2, { type: 'resnet' }).get('conv1.weight'),
    )
  })

  it('draws each tensor by its name, whatever other layers there are', () => {
    expect(state(1, { type: 'resnet', depth: 14 }).get('layer1.0.conv2.weight')).toEqual(
      state(1, { type: 'resnet', depth: 8 }).get('layer1.0.conv2.weight'),
    )
    expect(state(1, { type: 'resnet', depth: 14 }).get('layer1.1.conv2.weight')!.data).not.toEqual(
      state(1, { type: 'resnet', depth: 14 }).get('layer1.0.conv2.weight')!.data,
    )
  })

  it(
    'has every tensor of the network, with γ = 1, β = 0, mean 0, variance 1, and γ = 0 at the end of blocks ' +
      'where asked for',
    () => {
      const made = state(1, { type: 'resnet' })
      const options = NetworkOptions.parse({})
      expect([...made.keys()]).toEqual(
        weightsOf(networkFor(NetworkConfig.parse({ type: 'resnet' }), options, shape, 10), shape).map(
          ({ name }) => name,
        ),
      )
      expect([...made.get('bn1.weight')!.data]).toEqual(new Array(16).fill(1))
      expect([...made.get('layer1.0.bn2.weight')!.data]).toEqual(new Array(16).fill(0))
      expect([...made.get('bn1.bias')!.data]).toEqual(new Array(16).fill(0))
      expect([...made.get('bn1.running_mean')!.data]).toEqual(new Array(16).fill(0))
      expect([...made.get('bn1.running_var')!.data]).toEqual(new Array(16).fill(1))
    },
  )
})
