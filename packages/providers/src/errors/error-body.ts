import { fieldsOf } from "../json-fields.ts";

/** The fields of an error body; an absent one is empty. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly param: string;
}

/**
 * Reads the error object of the OpenAI dialects and their relatives: nested under `error`, flat, a plain string,
 * or the list of faults that FastAPI servers send.
 */
export function readErrorBody(body: unknown): ErrorBody {
  const outer = fieldsOf(body);
  const error = fieldsOf(outer["error"]);
  const fault = readFault(outer["detail"]);
  const field = (name: string): string => text(error[name]) || text(outer[name]);
  const plain = typeof outer["error"] === "string" ? outer["error"] : "";
  // The words of the server behind a gateway say more than the gateway's "Provider returned error".
  const raw = text(fieldsOf(error["metadata"])["raw"]);
  const message = field("message") || plain || fault?.message || text(outer["detail"]);
  return {
    message: raw === "" ? message : `${message}: ${raw}`,
    code: field("code"),
    type: field("type") || (fault?.type ?? ""),
    param: field("param") || (fault?.param ?? ""),
  };
}

/** Reads the first of `[{ loc: ["body", "seed"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }]`. */
function readFault(detail: unknown): Omit<ErrorBody, "code"> | undefined {
  if (!Array.isArray(detail) || detail.length === 0) return undefined;
  const { loc, msg, type } = fieldsOf(detail[0]);
  const path = Array.isArray(loc) ? loc.filter((step) => step !== "body").map(String) : [];
  const where = path.length === 0 ? "" : `${path.join(".")}: `;
  return { message: `${where}${text(msg)}`, type: text(type), param: path.join(".") };
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return Array.isArray(value) ? JSON.stringify(value) : "";
}
