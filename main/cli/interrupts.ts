/** Hears Ctrl-C and what ends a process politely, until the function that it returns is called. */
export function onInterrupt(act: () => void): () => void {
  process.on('SIGINT', act).on('SIGTERM', act)
  return () => { process.off('SIGINT', act).off('SIGTERM', act) }
}
