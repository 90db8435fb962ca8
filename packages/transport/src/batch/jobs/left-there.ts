import type { JobChanges, StoredJob } from "@parallel-parrot/journal";

/** What the journal keeps of a closed job whose files may still be at its API, until they are known to be gone. */
export const LEFT_THERE = { view: { isLeftThere: true } } as const satisfies JobChanges;
export const CLEANED_UP = { view: { isLeftThere: false } } as const satisfies JobChanges;

/** Providers delete what is left there by themselves, after a month at the latest. */
const KEPT_MS = 30 * 86_400_000;

/** Whether files of a closed job may still be at its API. */
export function isLeftThere({ view, createdAt }: StoredJob, now = Date.now()): boolean {
  return view?.["isLeftThere"] === true && now - createdAt < KEPT_MS;
}
