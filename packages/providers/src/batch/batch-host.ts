import type { ProviderResponse, Rejection } from "../exchange.ts";
import type { BatchDialect } from "./batch-dialect.ts";
import type { BatchInfo } from "./batch-info.ts";

/** What the batches of an API have from its provider. */
export interface BatchHost {
  readonly model: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** The query of every URL, such as `?api-version=…`; empty if there is none. */
  readonly query: string;
  /** The headers of every request, without those of a body and without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is the vendor's own address, for which the vendor's prices hold. */
  readonly isOwnAddress: boolean;
  /** Judges a response that is none of a success, as that of a direct request; the key is taken out of the message. */
  rejectionOf(response: ProviderResponse): Rejection;
}

/** A {@linkcode BatchDialect} without what is the same in all. */
export type BatchForm = Omit<BatchDialect, "authorize">;

/** What is known of the batches of a model, with the vendor's price only at the vendor's own address. */
export function infoAt({ price, ...info }: BatchInfo, { isOwnAddress, model }: BatchHost): BatchInfo {
  if (!isOwnAddress || price === undefined) return info;
  const isCheaper = price.models?.includes(model) ?? true;
  return { ...info, price: isCheaper ? price : { ...price, factor: 1 } };
}
