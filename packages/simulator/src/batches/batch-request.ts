import type { Dialect, SimTarget } from "../dialect.ts";
import type { BatchApi, BatchCall } from "./batch-api.ts";

/** A request to the batches of an API. */
export interface BatchRequest {
  readonly call: BatchCall;
  readonly api: BatchApi;
  /** The dialects of the API, of which the first one has the batches. */
  readonly dialects: readonly Dialect[];
  readonly target: SimTarget;
  readonly bytes: Buffer;
  /** The parsed body, if it is JSON. */
  readonly body: unknown;
  /** Whose key it has: 0 for the simulator's key, else the number of another one. */
  readonly project: number;
  /** The address of the API, for addresses that it tells. */
  readonly baseUrl: string;
}
