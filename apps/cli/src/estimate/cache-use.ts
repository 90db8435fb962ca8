import type { RunOptions } from "../job/run-options.ts";

/** How a run would use the prompt cache of its server. */
export interface CacheUse {
  /** Whether requests mark what they share, so that it is kept for sure. */
  readonly isMarked: boolean;
  /** The shortest beginning that is kept. */
  readonly minTokens: number;
}

/** How a run uses the prompt cache; `undefined` where it does not, or nothing is known of one. */
export function cacheOf({ provider, promptCache }: RunOptions): CacheUse | undefined {
  const { promptCache: cache } = provider;
  if (cache === undefined) return undefined;
  const { by, isDefault, minTokens } = cache;
  if (by === "itself") return { isMarked: false, minTokens };
  const isMarked = promptCache === "on" || (promptCache !== "off" && isDefault);
  return isMarked ? { isMarked, minTokens } : undefined;
}
