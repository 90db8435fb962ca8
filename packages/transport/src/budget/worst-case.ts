import { ParrotError } from "@parallel-parrot/core";
import type { Call, Estimate, Price, Provider, ProviderRequest } from "@parallel-parrot/providers";
import type { Spending } from "./amounts.ts";
import type { Budget } from "./budget.ts";
import { worstCostOf } from "./cost.ts";
import { imagesOf } from "./images-of.ts";

/** A request that is about to be sent, and what it may take. */
export interface EstimatedRequest {
  readonly call: Call;
  readonly request: ProviderRequest;
  readonly estimate: Estimate;
}

/** The most tokens that a chat template puts around a message, and around the whole conversation. */
const TOKENS_PER_MESSAGE = 16;
const TOKENS_PER_REQUEST = 64;

/**
 * The most that a request can take. No tokenizer makes more tokens than there are bytes; what the chat template of
 * the server adds is not in the body.
 */
export function worstCaseOf(
  { call, request, estimate }: EstimatedRequest,
  price: Price | undefined,
  budget: Budget,
): Spending {
  const { maxCost, maxTokens } = budget.limits;
  if (maxCost === undefined && maxTokens === undefined) return { requests: 1, tokens: 0, cost: 0 };
  const modelMaximum = price?.maxOutputTokens === undefined ? undefined : price.maxOutputTokens * call.n;
  const outputTokens = request.maxOutputTokens ?? modelMaximum;
  if (outputTokens === undefined) throw noBound("the request sets no limit on them");
  const inputTokens = mostInputTokens({ call, request, estimate }, price);
  const cost = price === undefined ? 0 : worstCostOf(inputTokens, outputTokens, price);
  return { requests: 1, tokens: inputTokens + outputTokens, cost };
}

function mostInputTokens({ call, request, estimate }: EstimatedRequest, price: Price | undefined): number {
  if (imagesOf(call).count > 0) {
    // An image that is given by its address has no bytes here, and a file of a hundred bytes may be a large image.
    if (price?.maxInputTokens !== undefined) return price.maxInputTokens;
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot keep to the budget: nothing bounds the tokens of the images in a prompt. Set the model's own maximum as price.maxInputTokens, or limit budget.maxRequests alone",
      { option: "price.maxInputTokens" },
    );
  }
  const template = TOKENS_PER_REQUEST + TOKENS_PER_MESSAGE * call.prompt.messages.length;
  return Math.max(Buffer.byteLength(request.body) + template, estimate.inputTokens);
}

/** What may bound the tokens of an answer. */
interface Bounds {
  readonly provider: Provider;
  readonly maxTokens: number | undefined;
  /** Whether each row may set a cap of its own, which is seen when it is asked. */
  readonly isCapOfRow: boolean;
}

/**
 * Refuses a budget that could not be kept.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function requireBounds(
  budget: Budget,
  price: Price | undefined,
  { provider, maxTokens: cap, isCapOfRow }: Bounds,
): void {
  const { maxCost, maxTokens } = budget.limits;
  if (maxCost !== undefined && price === undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot keep to budget.maxCost: the price of the model ${provider.model} at ${provider.baseUrl} is not known. Give it as price: { input, output }, in US dollars per million tokens`,
      { option: "budget.maxCost" },
    );
  }
  const isBounded = isCapOfRow || cap !== undefined || price?.maxOutputTokens !== undefined;
  if ((maxCost ?? maxTokens) !== undefined && !isBounded)
    throw noBound(`the model ${provider.model} is not known`);
}

function noBound(why: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot keep to the budget: nothing bounds the tokens of an answer, as ${why}. Set maxTokens, the cap of one answer, or the model's own maximum as price.maxOutputTokens`,
    { option: "maxTokens" },
  );
}
