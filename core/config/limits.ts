/** Epochs that a run can have, as it was asked for or as it was extended. */
export const mostEpochs = 100_000
