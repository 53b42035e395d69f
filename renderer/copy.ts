import { tell, tellFailure } from './tell'

/** Puts a text on the clipboard, and says so. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    tell(done)
  } catch (error) {
    tellFailure('Nothing was copied', error instanceof Error ? error.message : String(error))
  }
}
