import { cutMiddle } from '../format'

/** A name that may be long or hostile: cut in the middle, whole on hovering. */
export function Name({ text, length = 48 }: { readonly text: string; readonly length?: number }) {
  const shown = cutMiddle(text, length)
  return <span className="cut" title={shown === text ? undefined : text.slice(0, 2000)}>{shown}</span>
}
