import { ParrotError, quote } from "@parallel-parrot/core";
import type { Credentials } from "../request/credentials.ts";
import type { Provider } from "../provider.ts";
import type { ProviderResponse, Rejection } from "../exchange.ts";
import type { BatchDialect } from "./batch-dialect.ts";
import type { BatchForm, BatchHost } from "./batch-host.ts";
import { safeId } from "./safe-id.ts";

/** What a provider has of its batches' host: they judge errors as its direct requests do. */
export type BatchOwner = Omit<BatchHost, "rejectionOf"> & Pick<Provider, "readResponse">;

const NO_AMENDMENTS: ReadonlySet<string> = new Set();

/** The batches of a provider. The credentials go to its own server alone. */
export function batchOf(
  form: (host: BatchHost) => BatchForm,
  { readResponse, ...owner }: BatchOwner,
  credentials: Credentials,
): BatchDialect {
  const { origin } = new URL(owner.baseUrl);
  const rejectionOf = (response: ProviderResponse): Rejection => {
    const answer = readResponse(response, NO_AMENDMENTS);
    return answer.ok
      ? { verdict: "retry", code: "BAD_RESPONSE", message: "expected what a batch says, got an answer" }
      : answer.rejection;
  };
  const dialect = form({ ...owner, rejectionOf });
  const { cancel } = dialect;
  return {
    ...dialect,
    get: (id) => dialect.get(requireId(id)),
    ...(cancel === undefined ? {} : { cancel: (id: string) => cancel(requireId(id)) }),
    authorize: ({ url, headers }) =>
      new URL(url).origin === origin ? credentials.authorize({ method: "POST", url, headers, body: "" }) : {},
  };
}

/** A job that was kept can be somebody else's, who would have the key sent to any path of its server. */
function requireId(id: string): string {
  if (safeId(id) !== undefined) return id;
  throw new ParrotError(
    "JOURNAL_UNUSABLE",
    `The journal has a batch job with the id ${quote(id)}, which no server gives: it was altered. Move it away, or name another journal`,
  );
}
