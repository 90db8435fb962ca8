import type { Answer } from "../request/exchange.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Signals } from "../waiting/signals.ts";
import { retryAfter } from "./retry.ts";

/** Sends one request, and again as long as the error is one that may pass and there are attempts left. */
export async function sendWithRetries(
  sender: RequestSender,
  routed: RoutedRequest,
  signals: Signals,
): Promise<Answer> {
  try {
    return await sender.send(routed, signals);
  } catch (error) {
    return retryAfter(error, () => sender.sendAgain(routed, signals), {
      maxAttempts: routed.row.maxAttempts,
      outage: sender.outage,
      backOff: (ms, { message }) => sender.backOff(ms, message, routed.row, signals),
      forgives: () => sender.forgives(routed.row, signals),
    });
  }
}
