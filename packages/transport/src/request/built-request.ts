import type { Amendment, Call, ProviderRequest } from "@parallel-parrot/providers";

/** A request as one endpoint takes it. A class for the reason of core's `Slot`. */
export class BuiltRequest {
  readonly call: Call;
  readonly request: ProviderRequest;
  /** The endpoint's amendments that it was built with. */
  readonly known: ReadonlySet<Amendment>;
  /** What finds the answer to it in the journal, once that has been looked for. */
  key: string | undefined;

  constructor(call: Call, request: ProviderRequest, known: ReadonlySet<Amendment>) {
    this.call = call;
    this.request = request;
    this.known = known;
  }
}
