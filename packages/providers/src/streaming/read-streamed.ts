import { rejected } from "../errors/rejected.ts";
import type { ProviderAnswer, ProviderResponse } from "../provider.ts";
import { readStream } from "./read-stream.ts";
import type { StreamForm } from "./stream-form.ts";

/** Reads a response in one piece or as a stream, whether a stream was asked for or not. */
export function readStreamed(
  response: ProviderResponse,
  form: StreamForm,
  read: (plain: ProviderResponse) => ProviderAnswer,
): ProviderAnswer {
  const reading = readStream(response, form);
  if (reading === undefined) return read(response);
  if (reading.kind === "broken") return brokenOff(response);
  const { body } = reading;
  const answer = read({ ...response, body });
  if (answer.ok) return { ...answer, body };
  if (reading.kind === "whole" || !reading.hasBegun) return answer;
  // What was written before the error may have to be paid, so that the error is not the cheap one of its status.
  const { status: _, ...paid } = answer;
  return paid;
}

function brokenOff({ status }: ProviderResponse): ProviderAnswer {
  const message = `HTTP ${status}: the stream of the answer broke off before its end`;
  return rejected({ verdict: "retry", code: "SERVER_ERROR", message });
}
