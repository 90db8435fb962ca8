import { aText, ParrotError, quote } from "@parallel-parrot/core";
import { safeId } from "../../batch/safe-id.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { limitHeader, readLimitHeaders } from "../../limits/limit-headers.ts";
import { MINUTE_MS } from "../../limits/windows.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";
import { FIREWORKS_BATCHES, fireworksBatches } from "./fireworks-batches.ts";

const ACCOUNT_VARIABLE = "FIREWORKS_ACCOUNT_ID";
const NO_ACCOUNT = `Batches of Fireworks AI are made below an account: set the environment variable ${ACCOUNT_VARIABLE}, or in code the option account`;

/** Options of {@linkcode fireworks}. */
export interface FireworksOptions extends ProviderOptions {
  /** The account that its batches are made in. @default the environment variable FIREWORKS_ACCOUNT_ID, else no batches */
  readonly account?: string;
}

/** What is known of {@linkcode fireworks} before it is made. */
export const FIREWORKS: ProviderInfo = {
  name: "fireworks",
  displayName: "Fireworks AI",
  keyVariables: ["FIREWORKS_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.fireworks.ai/inference/v1",
  baseUrlVariables: [],
  otherVariables: [ACCOUNT_VARIABLE],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
  batch: FIREWORKS_BATCHES,
};

const LIMITS = [
  limitHeader("inputTokens", MINUTE_MS, "x-ratelimit-*-tokens-prompt"),
  limitHeader("outputTokens", MINUTE_MS, "x-ratelimit-*-tokens-generated"),
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: FIREWORKS,
  showsSchema: false,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
  charge: { cap: "free", cachedCounts: true },
};

/**
 * Fireworks AI. Its models have names such as `accounts/fireworks/models/…`. Its limits shrink after a burst.
 *
 * @throws ParrotError `MISSING_KEY`, or `INVALID_OPTION` if the account cannot be one
 */
export function fireworks(options: FireworksOptions): Provider {
  checkProviderOptions<FireworksOptions>("fireworks", options, { account: aText });
  const account = accountOf(options);
  if (account === undefined) return { ...chatProvider(DIALECT, options), batchHint: NO_ACCOUNT };
  return chatProvider({ ...DIALECT, batch: fireworksBatches(account) }, options);
}

function accountOf({
  account = process.env[ACCOUNT_VARIABLE]?.trim() || undefined,
}: FireworksOptions): string | undefined {
  if (account === undefined || safeId(account) !== undefined) return account;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use the account of Fireworks AI: expected its id as it stands in an address, such as acme-1a2b3c, and not ${quote(account)}. It is set by the environment variable ${ACCOUNT_VARIABLE}, or in code by the option account`,
    { option: "account" },
  );
}
