// One case in a process of its own: NETWORK BATCH THREADS ENGINE MODES ROUNDS TURN_SECONDS [PYTHON SCRIPT]. Prints the standings as one line of JSON.
import { learnerContestant, openBenchEngine, pytorchContestant, type BenchCase, type BenchNetwork, type Contestant } from './contestants'
import { measure } from './measure'
import type { EngineName } from '../main/trainer/engine'

const [network = '', batch, threads, engineName, modes = '', rounds, turnSeconds, python, script] = process.argv.slice(2)
const one: BenchCase = { network: network as BenchNetwork, batchSize: Number(batch) }
const engine = await openBenchEngine(engineName as EngineName, one, Number(threads))
const contestants: Contestant[] = modes.split(',').map((mode) => learnerContestant(engine, one, mode === 'eager' ? 'off' : 'auto'))
if (python !== undefined && script !== undefined) contestants.push(await pytorchContestant(python, script, one, Number(threads)))
process.stdout.write(`${JSON.stringify({ ...one, standings: await measure(contestants, one.batchSize, Number(rounds), Number(turnSeconds)) })}\n`)
for (const { close } of contestants) close()
