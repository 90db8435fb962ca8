import type { JobChanges, StoredJob } from "@parallel-parrot/journal";

/** What the journal keeps of a closed job whose files may still be at its API, until they are known to be gone. */
export const LEFT_THERE: Pick<JobChanges, "view"> = { view: { isLeftThere: true } };
export const CLEANED_UP: Pick<JobChanges, "view"> = { view: { isLeftThere: false } };

/** Providers delete what is left there by themselves, after a month at the latest. */
const KEPT_MS = 30 * 86_400_000;

/** Whether files of a closed job may still be at its API. */
export function isLeftThere({ view, createdAt }: StoredJob, now: number = Date.now()): boolean {
  return view?.["isLeftThere"] === true && now - createdAt < KEPT_MS;
}
