import { systemClock, type Clock } from "@parallel-parrot/limiter";

/**
 * A clock that runs `factor` times as fast as the system's, for tests that wait for backoffs at a real server.
 * A second in which a busy machine does nothing is minutes then: give such a run a long `maxOutageMs`, or that may end it.
 */
export function createScaledClock(factor: number): Clock {
  return {
    now: () => systemClock.now() * factor,
    after: (ms, callback) => systemClock.after(ms / factor, callback),
  };
}
