import type { Dialect, SimRequest, SimResponse } from "../dialect.ts";
import type { AnswerFault, Fault } from "./fault.ts";

/** A fault of the form in which an answer comes. */
type StreamFault = Extract<AnswerFault, { readonly kind: "stream" | "streamBreak" | "streamError" }>;

export function isStreamFault(fault: Fault | undefined): fault is StreamFault {
  return fault?.kind === "stream" || fault?.kind === "streamBreak" || fault?.kind === "streamError";
}

/** Writes an answer as a stream if it was asked for as one, or if a fault says so. */
export function inItsForm(
  response: SimResponse,
  { dialect, request, fault }: { dialect: Dialect; request: SimRequest; fault: Fault | undefined },
): SimResponse {
  const { stream } = dialect;
  const isStreamed = request.streams === true || isStreamFault(fault);
  if (stream === undefined || !isStreamed || fault?.kind === "errorInside" || fault?.kind === "wrapped")
    return response;
  const pieces = stream.write(response.body, request);
  const half = pieces.slice(0, Math.ceil(pieces.length / 2));
  const sent =
    fault?.kind === "streamBreak"
      ? half
      : fault?.kind === "streamError"
        ? [...half, stream.writeError(dialect.writeError(fault.error ?? { kind: "overloaded" }, "").body)]
        : pieces;
  return {
    ...response,
    headers: { ...response.headers, "content-type": stream.contentType },
    body: sent.join(""),
  };
}
