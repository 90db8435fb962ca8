import { ParrotError } from "@parallel-parrot/core";
import type { RunSummary, StoredJob } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { howOf, jobOf } from "../job/job.ts";
import { providerOf } from "../job/provider-of.ts";
import { requireHeaders, requireKeyFile, type KeyFlags } from "../job/require-keys.ts";
import { changedJob } from "../job/retry-change.ts";
import { isOwn } from "../journal/own-runs.ts";

/**
 * The provider that a job was made at, with the key that is given now: the one of the run that has planned the job, if
 * this user has begun it.
 *
 * @throws ParrotError `JOURNAL_FOREIGN` or `JOURNAL_UNUSABLE` where the key could go to another server than the job's
 */
export async function providerOfJob(
  stored: StoredJob,
  runs: readonly RunSummary[],
  flags: KeyFlags,
): Promise<Provider> {
  const run = runs.find(({ id }) => id === stored.run);
  const kept = run === undefined || !isOwn(run) ? undefined : jobOf(run.manifest);
  if (run === undefined || kept === undefined) {
    throw new ParrotError(
      "JOURNAL_FOREIGN",
      `Cannot cancel job ${stored.id}: run ${stored.run}, which made it, was not begun by you with this program, so that it does not say whom your key is sent to. Cancel ${stored.remote ?? "it"} at ${stored.provider} itself`,
      { file: flags.journal },
    );
  }
  requireKeyFile(run, flags, `batch cancel ${stored.id}`);
  requireHeaders(run, flags, `batch cancel ${stored.id}`);
  const { model, baseUrl } = changedJob(kept, howOf(run.manifest).change ?? {}).options;
  const { keyFile, keyCommand, header } = flags;
  const provider = await providerOf({ model, baseUrl, keyFile, keyCommand, header });
  if (provider.name === stored.provider && provider.baseUrl === stored.url) return provider;
  throw new ParrotError(
    "JOURNAL_UNUSABLE",
    `Cannot cancel job ${stored.id}: it was made at ${stored.provider} (${stored.url}), and its run asks ${provider.name} (${provider.baseUrl}), where your key is for. Cancel ${stored.remote ?? "it"} at ${stored.provider} itself`,
    { file: flags.journal },
  );
}
