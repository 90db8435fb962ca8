import type { SimResponse } from "../sim-http.ts";
import type { BatchApi } from "./batch-api.ts";
import type { BatchSettings } from "./batch-options.ts";
import { readForm } from "./multipart.ts";

/** Reads and checks an upload as strictly as the real servers. Its lines are checked with the job. */
export function readUpload(
  { contentType, bytes, uploads }: { contentType: string; bytes: Buffer; uploads: number },
  api: BatchApi,
  { maxBytes, maxFiles }: BatchSettings,
): { readonly name: string; readonly content: string } | { readonly refused: SimResponse } {
  const refuse = (status: 400 | 413, message: string) => ({ refused: api.refuse(status, message) });
  const parts = readForm(contentType, bytes);
  if (parts === undefined) return refuse(400, "Could not parse multipart form");
  const file = parts.find(({ name }) => name === "file");
  const purpose = parts.find(({ name }) => name === "purpose")?.content;
  if (file?.fileName === undefined) return refuse(400, "'file' is a required property");
  if (purpose !== "batch" && api.upload !== "fileAlone")
    return refuse(400, `'${purpose ?? ""}' is not one of ['batch'] - 'purpose'`);
  if (!file.fileName.endsWith(".jsonl"))
    return refuse(400, "Invalid file format for Batch API. Must be .jsonl");
  if (Buffer.byteLength(file.content) > maxBytes) return refuse(413, "The file is too large");
  if (uploads >= maxFiles) return refuse(400, `Exceeded the limit of ${maxFiles} files`);
  return { name: file.fileName, content: file.content };
}
