/** First pause after a refusal that names none; doubles while nothing is let in. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 15_000;
/** Part that jitter adds to a pause the server asked for. */
const JITTER = 0.1;

/**
 * How long to pause after a refusal: what the server asks for, however long, and at least the own backoff once
 * it refuses again and again.
 *
 * @param level refusals in a row with nothing let in between
 */
export function pauseMs(retryAfterMs: number | undefined, level: number, random: () => number): number {
  const backoff = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(level, 10)) * (0.5 + random() / 2);
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return backoff;
  // Clients woken by one shared moment would collide again.
  const asked = retryAfterMs * (1 + JITTER * random());
  return level === 0 ? asked : Math.max(asked, backoff);
}
