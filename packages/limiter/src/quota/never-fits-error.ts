import type { Dimension } from "./charge.ts";

/** A request is larger than the whole limit of a window: waiting would not help. */
export class NeverFitsError extends Error {
  override readonly name: string = "NeverFitsError";
  readonly dimension: Dimension;
  readonly charge: number;
  readonly limit: number;

  constructor(dimension: Dimension, charge: number, limit: number) {
    super(
      `This request can never be sent: it takes about ${Math.ceil(charge)} ${dimension}, and the limit is ${limit}`,
    );
    this.dimension = dimension;
    this.charge = charge;
    this.limit = limit;
  }
}
