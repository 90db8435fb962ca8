import { countOf, type Fields } from "../json-fields.ts";

/** What an error of `google.rpc` is over HTTP. */
export interface RpcStatus {
  readonly status: number;
  readonly name: string;
}

/** Source: google.rpc.Code. */
const STATUSES: ReadonlyMap<number, RpcStatus> = new Map([
  [3, { status: 400, name: "INVALID_ARGUMENT" }],
  [5, { status: 404, name: "NOT_FOUND" }],
  [6, { status: 409, name: "ALREADY_EXISTS" }],
  [7, { status: 403, name: "PERMISSION_DENIED" }],
  [8, { status: 429, name: "RESOURCE_EXHAUSTED" }],
  [9, { status: 400, name: "FAILED_PRECONDITION" }],
  [10, { status: 409, name: "ABORTED" }],
  [11, { status: 400, name: "OUT_OF_RANGE" }],
  [12, { status: 501, name: "UNIMPLEMENTED" }],
  [14, { status: 503, name: "UNAVAILABLE" }],
  [16, { status: 401, name: "UNAUTHENTICATED" }],
]);

/** Numbers of what was given up, or not begun in time: there is no answer and nothing to judge. */
const LOST: ReadonlyMap<number, "cancelled" | "expired"> = new Map([
  [1, "cancelled"],
  [4, "expired"],
]);

/** What became of a request of a batch whose error says no more than that it was not answered. */
export function lostBy({ code }: Fields): "cancelled" | "expired" | undefined {
  return LOST.get(countOf(code));
}

/** What the number in an error stands for. One that is not known is an error of the server. */
export function rpcStatusOf({ code }: Fields): RpcStatus {
  return STATUSES.get(countOf(code)) ?? { status: 500, name: "INTERNAL" };
}

/** The HTTP status of an error that is told by its name; `undefined` for one that nobody knows. */
export function rpcStatusNamed(name: unknown): number | undefined {
  for (const each of STATUSES.values()) if (each.name === name) return each.status;
  return undefined;
}
