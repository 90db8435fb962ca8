import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import type { RejectionError } from "../../errors/rejection-error.ts";
import type { Harvest } from "./harvester.ts";
import type { OpenJob } from "./open-job.ts";

/** The API has refused a job as a whole. */
export function refusedAll({ name, model }: Provider, { message }: RejectionError): ParrotError {
  return refused(`The batch API refused the job (${name}, model ${model}): ${message}`);
}

/** Most requests of a job were refused, though one was answered directly. */
export function refusedMost(
  { name, model }: Provider,
  { stored }: OpenJob,
  { withheld }: Harvest,
): ParrotError {
  const said = withheld[0]?.body.slice(0, 300) ?? "";
  return refused(
    `Of the ${stored.requests} requests of the batch ${stored.remote} (${name}, model ${model}) ${withheld.length} were refused, although the first row was answered directly: ${said}`,
  );
}

function refused(why: string): ParrotError {
  const message = `${why}. Without the option batch the rows are asked directly`;
  return new ParrotError("BATCH_REFUSED", message, { option: "batch" });
}
