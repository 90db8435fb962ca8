import type { Dialect, SimError } from "../dialect.ts";
import type { Random } from "../random.ts";
import type { SimOutcome } from "./batch-api.ts";
import type { BatchFault } from "./batch-options.ts";

/** What becomes of a request of a job by a fault; `undefined` if it is answered. */
export function outcomeByFault(
  faults: readonly BatchFault[],
  { key, id, dialect, random }: { key: string; id: string; dialect: Dialect | undefined; random: Random },
): SimOutcome | undefined {
  for (const fault of faults) {
    const isHit = "rate" in fault && random() < fault.rate;
    if (fault.kind === "statusZero" && isHit) return { key, kind: "statusZero" };
    const error = errorOf(fault, isHit);
    if (error === undefined || dialect === undefined) continue;
    const response = dialect.writeError(error, id);
    const status = fault.kind === "lineError" ? fault.status : response.status;
    return { key, kind: "response", response: { ...response, status } };
  }
  return undefined;
}

function errorOf(fault: BatchFault, isHit: boolean): SimError | undefined {
  if (fault.kind === "noCreditLines") return { kind: "noCredit" };
  if (fault.kind === "allFailedNoOutput") return { kind: "serverError" };
  if (fault.kind !== "lineError" || !isHit) return undefined;
  const { status } = fault;
  if (status === 429) return { kind: "rateLimit", model: "simulated-model", dimension: "requests" };
  if (status >= 500) return { kind: "serverError", status };
  return { kind: "badRequest", message: `The server answered ${status}.`, status };
}
