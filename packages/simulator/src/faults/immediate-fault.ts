import type { Found } from "../dialects/apis.ts";
import type { SimError, SimResponse } from "../dialect.ts";
import type { ImmediateFault, LoadingForm } from "./fault.ts";
import { isObject } from "../json-value.ts";

/** What an immediate fault does. */
export type ImmediatePlan =
  | { readonly kind: "reset" | "hangUp" | "stall" }
  | { readonly kind: "dripHeaders"; readonly everyMs: number }
  | { readonly kind: "gzipBomb"; readonly bytes: number }
  | { readonly kind: "respond"; readonly produce: () => SimResponse };

const HTML = "<!doctype html><html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>";

const LOADING: Readonly<Record<LoadingForm, SimResponse>> = {
  llamaCpp: {
    status: 503,
    headers: {},
    body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
  },
  huggingFace: {
    status: 503,
    headers: {},
    body: { error: "Model simulated is currently loading", estimated_time: 20 },
  },
  ollama: {
    status: 500,
    headers: {},
    body: { error: "unexpected server status: llm server loading model" },
  },
};

/** Words of Cloudflare, of a gateway and of OpenRouter. */
const BLOCKED: Readonly<Record<"firewall" | "filter" | "router", SimResponse>> = {
  firewall: {
    status: 403,
    headers: { "content-type": "text/html" },
    body: "<!doctype html><html><head><title>Attention Required!</title></head><body><h1>Sorry, you have been blocked</h1></body></html>",
  },
  filter: {
    status: 401,
    headers: {},
    body: { error: { message: "Request denied by policy", type: "access_denied" } },
  },
  router: {
    status: 404,
    headers: {},
    body: { error: { message: "No endpoints found that support image input", code: 404 } },
  },
};

/** The request that a fault happens to. */
interface Faulty extends Pick<Found, "dialect" | "route"> {
  /** 24 hexadecimal digits that follow from the request body. */
  readonly id: string;
  /** The parsed body, if it is JSON. */
  readonly body: unknown;
}

/** Plans what an immediate fault does with a request. */
export function planImmediateFault(fault: ImmediateFault, faulty: Faulty): ImmediatePlan {
  const { dialect, id } = faulty;
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
      return respond(statusResponse(fault, faulty));
    case "error":
      return respond(withHeaders(dialect.writeError(fault.error, id), fault.headers));
    case "loading":
      return respond(LOADING[fault.form ?? "llamaCpp"]);
    case "noCredit":
      return respond(dialect.writeError({ kind: "noCredit" }, id));
    case "html":
      return respond({ status: fault.status ?? 200, headers: { "content-type": "text/html" }, body: HTML });
    case "blocked":
      return respond(BLOCKED[fault.by ?? "firewall"]);
    case "redirect":
    default:
      return respond({ status: fault.status ?? 307, headers: { location: fault.url }, body: "" });
  }
}

function respond(response: SimResponse): ImmediatePlan {
  return { kind: "respond", produce: () => response };
}

function statusResponse(
  { status, headers, body }: Extract<ImmediateFault, { kind: "status" }>,
  { dialect, route, id, body: sent }: Faulty,
): SimResponse {
  if (body !== undefined) return withHeaders({ status, headers: {}, body }, headers);
  const model = (route?.kind === "completion" ? route.model : undefined) ?? modelOf(sent);
  return withHeaders({ ...dialect.writeError(errorOfStatus(status, model), id), status }, headers);
}

function withHeaders(response: SimResponse, headers: Readonly<Record<string, string>> = {}): SimResponse {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...response, headers: { ...response.headers, ...Object.fromEntries(own) } };
}

function errorOfStatus(status: number, model: string): SimError {
  const errors: Readonly<Record<number, SimError>> = {
    401: { kind: "auth", missing: false },
    402: { kind: "noCredit" },
    403: { kind: "permission" },
    404: { kind: "modelNotFound", model },
    413: { kind: "bodyTooLarge", limitBytes: 25 * 2 ** 20 },
    429: { kind: "rateLimit", model, dimension: "requests" },
    503: { kind: "overloaded", status },
    529: { kind: "overloaded", status },
  };
  return (
    errors[status] ??
    (status >= 500
      ? { kind: "serverError", status }
      : { kind: "badRequest", message: `The server answered ${status}.`, status })
  );
}

function modelOf(body: unknown): string {
  return isObject(body) && typeof body["model"] === "string" ? body["model"] : "simulated-model";
}
