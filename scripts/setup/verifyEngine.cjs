// Run by set-up in a process of its own: loading a wrong native library ends the process, not just the try block.
const util = require('node:util')
util.isNullOrUndefined ??= (value) => value === null || value === undefined

const tf = require('@tensorflow/tfjs-node-gpu')
const [product] = tf.matMul([[1, 2]], [[3], [4]]).dataSync()
const isGpu = tf.backend().isUsingGpuDevice === true
process.stdout.write(`\n${JSON.stringify({ product, backend: tf.getBackend(), isGpu })}\n`)
