import { errorText } from '../core/errorText'
import type { Input, Outputs, Reply, RequestName } from '../core/protocol'
import { sentence } from '../core/sentence'
import { labelOf } from './differences'
import { failureIsOver, notifyFailure } from './notify'

/** Asks main; a broken bridge comes back as an issue like every other refusal. */
export async function call<N extends RequestName>(name: N, input: Input<N>): Promise<Reply<N>> {
  try {
    return await window.batchlab.call(name, input)
  } catch (error) {
    return { ok: false, issues: [{ path: '', message: errorText(error) }] }
  }
}

/** The issues of a refusal, each a sentence; a setting is called as in the form. */
export const sentenceOf = (reply: {
  readonly issues: readonly { readonly path: string; readonly message: string }[]
}): string =>
  reply.issues
    .map(({ path, message }) =>
      sentence(path === '' || !/^[a-z]/.test(message) ? message : `${labelOf(path)} ${message}`),
    )
    .join(' ')

/** Asks main, and tells the person when it could not be done; the answer, or undefined. */
export async function ask<N extends RequestName>(
  name: N,
  input: Input<N>,
  failed: string,
): Promise<Outputs[N] | undefined> {
  const reply = await call(name, input)
  if (reply.ok) {
    failureIsOver(failed)
    return reply.value
  }
  notifyFailure(failed, sentenceOf(reply))
  return undefined
}
