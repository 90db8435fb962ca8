import { isParrotError, messageOf, ParrotError } from "@parallel-parrot/core";
import type { BatchJob, Provider } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import { RejectionError } from "../errors/rejection-error.ts";
import { isStop } from "../errors/verdict.ts";
import { sharedAgent } from "../http/http-client.ts";
import { ask } from "./jobs/ask-patiently.ts";
import { isUnseen } from "./jobs/unseen.ts";

/** Options of {@linkcode cancelBatch}. */
export interface CancelBatchOptions {
  /** @default the one that all runs share */
  readonly dispatcher?: Dispatcher;
  /** Gives up waiting for the server. @default it is waited for */
  readonly signal?: AbortSignal;
}

/**
 * Asks a provider to end a batch early, and returns the batch as the provider tells of it then. It may take minutes to
 * end, and what it has answered by then can be collected, and is paid for. One that has ended already is returned as it
 * is.
 *
 * @param id what the provider calls it
 * @throws ParrotError `INVALID_OPTION` where the provider has no batches, or cannot cancel them; `BATCH_NOT_VISIBLE` where
 *   the key does not see the batch; `UNREACHABLE` or what else is at fault where the provider does not answer
 */
export async function cancelBatch(
  provider: Provider,
  id: string,
  { dispatcher = sharedAgent(), signal = new AbortController().signal }: CancelBatchOptions = {},
): Promise<BatchJob> {
  const { name, batch: dialect } = provider;
  const step = dialect?.cancel?.(id);
  if (dialect === undefined || step === undefined)
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot cancel the batch ${id}: ${dialect === undefined ? `the provider ${name} has no batches` : `${name} lets no batch be cancelled. It ends by itself, and its results can be collected then`}`,
    );
  const { BatchClient } = await import("./batch-client.ts");
  const client = new BatchClient(dialect, { dispatcher });
  try {
    const refusal: unknown = await ask(client, step, { signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { job } = await ask(client, dialect.get(id), { signal });
    // A batch that has ended, or is about to, is refused by most providers.
    if (refusal !== undefined && job.phase !== "ended" && job.phase !== "ending") throw refusal;
    return job;
  } catch (error) {
    throw describeRefusal(error, name, id);
  }
}

function describeRefusal(error: unknown, provider: string, id: string): unknown {
  if (isParrotError(error) || !(error instanceof RejectionError)) return error;
  const [code, way] = isUnseen(error)
    ? (["BATCH_NOT_VISIBLE", ". The key, the project or the workspace that made it is needed"] as const)
    : ([isStop(error) ? error.rejection.code : "UNREACHABLE", "; try again later"] as const);
  return new ParrotError(code, `Cannot cancel the batch ${id} at ${provider}: ${messageOf(error)}${way}`, {
    cause: error,
  });
}
