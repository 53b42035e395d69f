import type { Engine } from '../engine'
import { nativeOps } from './nativeOps'
import type { Convolutions, Ops } from './ops'
import { portableOps } from './portableOps'

/** The operations that are right for an engine. */
export const opsFor = (
  engine: Pick<Engine, 'native'>,
  { parts = 1, padsFirst = false }: Partial<Convolutions> = {},
): Ops => (engine.native ? nativeOps(engine.native, { parts, padsFirst }) : portableOps)
