import type { Capabilities } from "@parallel-parrot/providers";

/** What a provider can do, in the words of the table of providers. */
export interface CapabilityWords {
  /** How several choices for a row are requested. */
  readonly choices: string;
  readonly json: string;
  /** How images may be given; empty where the provider takes none. */
  readonly images: string;
  readonly limits: string;
}

const JSON_WORDS = { schema: "schema", tool: "forced tool", object: "JSON mode", instructions: "in words" };
const IMAGE_WORDS = { url: "address", data: "bytes" };
const LIMIT_WORDS = { headers: "headers", body: "refusals' bodies", none: "refusals" };

/** What a provider can do, in words. */
export function describeCapabilities({ nativeN, json, images, limits }: Capabilities): CapabilityWords {
  return {
    choices: nativeN ? "one request" : "one request each",
    json: JSON_WORDS[json],
    images: images.map((source) => IMAGE_WORDS[source]).join(", "),
    limits: LIMIT_WORDS[limits],
  };
}
