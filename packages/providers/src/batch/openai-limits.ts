import type { BatchInfo } from "./batch-info.ts";

/** Source: OpenAI, "Batch API". */
export const OPENAI_BATCHES: BatchInfo = {
  way: "file",
  limits: { maxRequests: 50_000, maxBytes: 200_000_000, queue: "inputTokens", retentionDays: 30 },
  price: { factor: 0.5, source: "https://developers.openai.com/api/docs/guides/batch", date: "2026-11-30" },
  progress: "counts",
  foundBy: "name",
};

/** What is assumed of a server that speaks OpenAI's API: it may be a gateway to OpenAI, and has prices of its own. */
export const UNKNOWN_BATCHES: BatchInfo = {
  way: "file",
  limits: { maxRequests: 50_000, maxBytes: 200_000_000, queue: "inputTokens" },
  progress: "counts",
  foundBy: "name",
};
