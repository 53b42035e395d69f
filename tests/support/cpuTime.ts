/**
 * Milliseconds of processor time that this process spent on work: what it costs, however busy the machine is with other
 * things.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
