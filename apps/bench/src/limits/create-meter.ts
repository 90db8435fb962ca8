import { createBucketMeter } from "./bucket-meter.ts";
import type { Cell } from "./cell.ts";
import { createFixedMeter } from "./fixed-meter.ts";
import { MINUTE_MS, type Meter } from "./meter.ts";
import { createSlidingMeter } from "./sliding-meter.ts";

/** Makes the meter of each kind of server, from its limit and the moment of the first request. */
export const createMeter: Readonly<Record<Cell["kind"], (perMinute: number, start: number) => Meter>> = {
  "1.5 s bucket": (perMinute, start) => createBucketMeter(perMinute, 1500, start),
  "minute bucket": (perMinute, start) => createBucketMeter(perMinute, MINUTE_MS, start),
  "sliding minute": (perMinute) => createSlidingMeter(perMinute),
  "fixed minute": (perMinute, start) => createFixedMeter(perMinute, start),
};
