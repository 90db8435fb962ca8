import { monitorEventLoopDelay } from "node:perf_hooks";
import type { SliceFigures } from "./jobs/start-job.ts";

/** Watches what this process takes from now on; gives the figures, once. */
export function watchProcess(): () => SliceFigures {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    delay.disable();
    return {
      ms,
      cpuMs: (user + system) / 1000,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
      delayP99: delay.percentile(99) / 1e6,
      delayMax: delay.max / 1e6,
    };
  };
}
