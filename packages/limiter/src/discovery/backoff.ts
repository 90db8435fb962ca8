/**
 * First pause after a refusal that names none; at least the time between two requests. It doubles while nothing is let
 * in.
 */
const FIRST_PAUSE_MS = 250;
const MOST_FIRST_PAUSE_MS = 4000;
const MAX_PAUSE_MS = 15_000;
/** For so many refusals in a row, the server alone decides how long to wait; later our backoff counts too. */
const TRUST_LEVELS = 3;
/** Jitter adds up to this part of the pause that the server asked for. */
const JITTER = 0.1;

/**
 * How long to pause after a refusal: what the server asks for, however long; and at least this backoff of ours
 * once it refuses again and again.
 *
 * @param level refusals in a row with nothing let in between
 * @param gapMs time between requests at the present rate
 */
export function pauseMs(
  retryAfterMs: number | undefined,
  level: number,
  gapMs: number,
  random: () => number,
): number {
  const first = Math.min(MOST_FIRST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, gapMs));
  const backoff = Math.min(MAX_PAUSE_MS, first * 2 ** Math.min(level, 10)) * (0.5 + random() / 2);
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return backoff;
  // Without jitter all clients that were refused together would come back together.
  const asked = retryAfterMs * (1 + JITTER * random());
  return level < TRUST_LEVELS ? asked : Math.max(asked, backoff / 2 ** TRUST_LEVELS);
}
