import type { Provider } from "@parallel-parrot/providers";
import { RowParams } from "../by-row/row-params.ts";
import { createGroupedAsking, type GroupedAsking } from "../group/grouped-asking.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import { createCallOf } from "./call-of.ts";
import { createRecall, type Recall } from "./recall.ts";
import { RowCompleter } from "./row-completer.ts";

/** One way in which rows are asked, or were asked by an earlier run. */
export interface Way {
  readonly provider: Provider;
  readonly sender: RequestSender;
  readonly params: RowParams;
  readonly completer: RowCompleter;
  readonly recall: Recall;
  /** How its rows are asked several at a time; `undefined` where each is asked alone. */
  readonly grouped: GroupedAsking | undefined;
}

/** Puts together the way in which a sender asks. */
export function wayOf(provider: Provider, sender: RequestSender, options: ResolvedOptions): Way {
  const params = new RowParams(options);
  const callOf = createCallOf(options, params);
  const { price = provider.price, ...others } = options;
  const grouped = createGroupedAsking(sender, callOf, { ...others, ...(price !== undefined && { price }) });
  const calls = { nativeN: provider.capabilities.nativeN, callOf, grouped };
  return {
    provider,
    sender,
    params,
    completer: new RowCompleter(sender, calls, options),
    recall: createRecall(sender, calls, options),
    grouped,
  };
}

/** Whether two ways ask the same model of the same server, so that an answer of one shows that the other exists. */
export function isSameServer({ provider }: Way, other: Way): boolean {
  const { name, model, baseUrl } = other.provider;
  return provider.name === name && provider.model === model && provider.baseUrl === baseUrl;
}
