/** The value of a command line option, given as `--name value` or `--name=value`; null where it is absent. */
export function argumentAfter(args: readonly string[], name: string): string | null {
  const at = args.findIndex((argument) => argument === name || argument.startsWith(`${name}=`))
  const found = args[at]
  if (found === undefined) return null
  const value = found === name ? args[at + 1] : found.slice(name.length + 1)
  return value === undefined || value === '' ? null : value
}
