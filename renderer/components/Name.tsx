import { cutMiddle } from '../format'

/**
 * A name that may be long or hostile: its middle taken out for the eye, whole for whoever listens, searches or hovers.
 */
export function Name({ text, length = 48 }: { readonly text: string; readonly length?: number }) {
  const shown = cutMiddle(text, length)
  return shown === text ? (
    <span className="cut">{text}</span>
  ) : (
    <span className="cut shortened" data-shown={shown} title={text.slice(0, 2000)}>
      <span>{text.slice(0, 2000)}</span>
    </span>
  )
}
