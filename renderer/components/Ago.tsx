import { useEffect, useState } from 'react'
import { exactDate, relativeDate } from '../format'

const minute = 60_000

/** When something was, relative to now; the exact time on hovering. */
export function Ago({ at }: { readonly at: string | null }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute)
    return () => clearInterval(timer)
  }, [])
  return <span title={exactDate(at)}>{relativeDate(at, now)}</span>
}
