import { hasTooManyValues, isParrotError, MAX_JSON_VALUES, messageOf } from "@parallel-parrot/core";
import {
  isEventStream,
  type Amendment,
  type Provider,
  type ProviderAnswer,
  type ProviderResponse,
} from "@parallel-parrot/providers";

const TOO_MANY_VALUES: ProviderAnswer = {
  ok: false,
  rejection: {
    verdict: "fail",
    code: "RESPONSE_TOO_LARGE",
    message: `The response has more than ${MAX_JSON_VALUES} JSON values and is not read, as that would take too much memory`,
  },
};

/**
 * Reads a response, stored or new. A provider should never throw here. If one does, only the row of this response
 * fails: the response is paid for, and other rows have other responses.
 */
export function readResponse(
  provider: Provider,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  // The events of a stream are read one by one, and what is put together of them is held against the limit.
  if (!isEventStream(response.body) && hasTooManyValues(response.body, true)) return TOO_MANY_VALUES;
  try {
    const answer = provider.readResponse(response, amendments);
    const isTooMuch = answer.ok && answer.body !== undefined && hasTooManyValues(answer.body, true);
    return isTooMuch ? TOO_MANY_VALUES : answer;
  } catch (error) {
    if (isParrotError(error)) throw error;
    const message = `The provider ${provider.name} cannot read the response: ${messageOf(error)}`;
    return { ok: false, rejection: { verdict: "fail", code: "STAGE_FAILED", message } };
  }
}
