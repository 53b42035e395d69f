import type { InitialisationConfig } from './config/network'

/**
 * How the random initial values of one weight tensor spread: normal with a standard deviation, uniform between ± a
 * bound, or orthogonal times a gain.
 */
export type Spread =
  | { readonly type: 'normal'; readonly deviation: number }
  | { readonly type: 'uniform'; readonly bound: number }
  | { readonly type: 'orthogonal'; readonly gain: number }

/** Inputs and outputs of one unit, receptive field included. */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/**
 * The spread of initial weights: He √(2/fan), uniform √(6/fan) (He et al. 2015, 1502.01852, §2.2); Glorot √(2/(in +
 * out)), uniform √(6/(in + out)) (Glorot & Bengio 2010, eq. 16); LeCun √(1/fan) (1998); ± 1/√(fan in) as PyTorch does;
 * orthogonal with gain √2 (Saxe et al. 2013, 1312.6120).
 */
export function spreadOf({ method, fan }: InitialisationConfig, { fanIn, fanOut }: Fans): Spread {
  const counted = fan === 'in' ? fanIn : fanOut
  switch (method) {
    case 'heNormal':
      return { type: 'normal', deviation: Math.sqrt(2 / counted) }
    case 'heUniform':
      return { type: 'uniform', bound: Math.sqrt(6 / counted) }
    case 'glorotNormal':
      return { type: 'normal', deviation: Math.sqrt(2 / (fanIn + fanOut)) }
    case 'glorotUniform':
      return { type: 'uniform', bound: Math.sqrt(6 / (fanIn + fanOut)) }
    case 'lecunNormal':
      return { type: 'normal', deviation: Math.sqrt(1 / counted) }
    case 'torch':
      return { type: 'uniform', bound: 1 / Math.sqrt(fanIn) }
    case 'orthogonal':
      return { type: 'orthogonal', gain: Math.SQRT2 }
  }
}
