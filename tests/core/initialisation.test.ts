import { describe, it } from 'vitest'
import { InitialisationConfig } from '../../core/config/network'
import { spreadOf } from '../../core/initialisation'
import { expectClose } from '../support/close'

describe('the spread of initial weights', () => {
  // 16 channels in, 3×3 pixels: fan in 144; 32 channels out: fan out 288. The published numbers have seven digits.
  const fans = { fanIn: 144, fanOut: 288 }
  it.each<[InitialisationConfig['method'], InitialisationConfig['fan'], number]>([
    ['heNormal', 'in', 0.1178511],
    ['heNormal', 'out', 0.0833333],
    ['heUniform', 'in', 0.2041241],
    ['glorotNormal', 'in', 0.0680414],
    ['glorotUniform', 'in', 0.1178511],
    ['lecunNormal', 'in', 0.0833333],
    ['torch', 'in', 0.0833333],
    ['orthogonal', 'in', Math.SQRT2],
  ])('%s over fan %s is %d', (method, fan, expected) => {
    const spread = spreadOf(InitialisationConfig.parse({ method, fan }), fans)
    expectClose(
      spread.type === 'normal' ? spread.deviation : spread.type === 'uniform' ? spread.bound : spread.gain,
      expected,
      1e-6,
    )
  })
})
