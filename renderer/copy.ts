import { errorText } from '../core/errorText'
import { notify, notifyFailure } from './notify'

/** Puts a text on the clipboard, and says so. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(done)
  } catch (error) {
    notifyFailure('Nothing was copied', errorText(error))
  }
}
