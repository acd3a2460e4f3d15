/**
 * The clock for durations: how long somebody is idle, waits or may not retry.
 *
 * @module
 */

/**
 * Milliseconds since the process began, by a clock that nobody can set: it neither steps nor runs backward
 * when the time of day is corrected. It may stand still while the machine is suspended. For durations within
 * one run of the process; what has to mean something after a restart needs the time of day.
 */
export function steadyNow(): number {
  return performance.now();
}
