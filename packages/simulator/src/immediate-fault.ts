import type { Dialect, SimError, SimResponse } from "./dialect.ts";
import type { ImmediateFault } from "./fault.ts";
import { isObject } from "./json-value.ts";
import type { LedgerEntry } from "./ledger.ts";

/** What an immediate fault does. */
export type ImmediatePlan =
  | { readonly kind: "reset" | "hangUp" | "stall" }
  | { readonly kind: "dripHeaders"; readonly everyMs: number }
  | { readonly kind: "gzipBomb"; readonly bytes: number }
  | { readonly kind: "respond"; readonly produce: () => SimResponse };

const HTML = "<!doctype html><html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>";

/** What a fault does with a request. */
export function planImmediateFault(
  fault: ImmediateFault,
  entry: LedgerEntry,
  dialect: Dialect,
): ImmediatePlan {
  switch (fault.kind) {
    case "reset":
    case "hangUp":
    case "stall":
      return { kind: fault.kind };
    case "dripHeaders":
      return { kind: "dripHeaders", everyMs: fault.everyMs ?? 100 };
    case "gzipBomb":
      return { kind: "gzipBomb", bytes: fault.bytes ?? 256 * 2 ** 20 };
    case "status":
      return respond(statusResponse(fault, entry, dialect));
    case "error":
      return respond(dialect.writeError(fault.error));
    case "noCredit":
      return respond(dialect.writeError({ kind: "noCredit" }));
    case "html":
      return respond({ status: fault.status ?? 200, headers: { "content-type": "text/html" }, body: HTML });
    case "redirect":
    default:
      return respond({ status: fault.status ?? 307, headers: { location: fault.url }, body: "" });
  }
}

function respond(response: SimResponse): ImmediatePlan {
  return { kind: "respond", produce: () => response };
}

function statusResponse(
  { status, headers = {}, body }: Extract<ImmediateFault, { kind: "status" }>,
  entry: LedgerEntry,
  dialect: Dialect,
): SimResponse {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (body !== undefined) return { status, headers: own, body };
  const response = dialect.writeError(errorOfStatus(status, entry));
  return { status, headers: { ...response.headers, ...own }, body: response.body };
}

function errorOfStatus(status: number, entry: LedgerEntry): SimError {
  const model = modelOf(entry);
  const errors: Readonly<Record<number, SimError>> = {
    401: { kind: "auth", missing: false },
    402: { kind: "noCredit" },
    403: { kind: "permission" },
    404: { kind: "modelNotFound", model },
    413: { kind: "bodyTooLarge", limitBytes: 25 * 2 ** 20 },
    429: { kind: "rateLimit", model, dimension: "requests" },
    503: { kind: "overloaded" },
    529: { kind: "overloaded" },
  };
  return (
    errors[status] ??
    (status >= 500
      ? { kind: "serverError" }
      : { kind: "badRequest", message: `The server answered ${status}.` })
  );
}

function modelOf({ body }: LedgerEntry): string {
  return isObject(body) && typeof body["model"] === "string" ? body["model"] : "simulated-model";
}
