/**
 * Milliseconds that this thread has computed. For bounds on work: other processes on the machine take time from
 * the clock, but not from this.
 */
export function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
