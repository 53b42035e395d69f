/**
 * What the trainer's thread may take for young objects: semi-spaces of 1 MB. V8 gives a busy thread up to 16 MB each,
 * for objects that a trainer makes few of and lets go at once: memory that grows for hours while nothing needs it.
 */
export const trainerLimits = { maxYoungGenerationSizeMb: 3 } as const

/** The same for a whole process, as a switch of Node. */
export const trainerSwitch = `--max-semi-space-size=${trainerLimits.maxYoungGenerationSizeMb / 3}`
