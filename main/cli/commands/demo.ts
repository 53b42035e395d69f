import { defineCommand } from '../command'
export const demo = defineCommand({ options: {}, positionals: [], run: () => Promise.resolve(1) })
