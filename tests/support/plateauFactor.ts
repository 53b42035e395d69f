import { noPlateau, watchPlateau, type PlateauConfig } from '../../core/schedules/plateau'

/** The factor of the next epoch's rates, from the values measured at the end of all epochs so far. */
export const plateauFactor = (config: PlateauConfig, base: number, values: readonly (number | null)[]): number =>
  values.reduce((state, value) => watchPlateau(config, base, state, value), noPlateau).factor
