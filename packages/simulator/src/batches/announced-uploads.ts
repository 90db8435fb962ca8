import type { SimResponse } from "../sim-http.ts";
import { asText, isObject } from "../json-value.ts";
import type { BatchRequest } from "./batch-request.ts";
import type { BatchSettings } from "./batch-options.ts";

interface Announced {
  readonly name: string;
  readonly bytes: number;
}

/** Uploads of two requests, as Google's APIs have them: one announces the file, and its answer tells where it goes. */
export class AnnouncedUploads {
  readonly #announced = new Map<string, Announced>();

  clear(): void {
    this.#announced.clear();
  }

  /** @param digits an id that no other upload has */
  announce(
    { api, target, body, baseUrl }: BatchRequest,
    { maxBytes }: BatchSettings,
    digits: string,
  ): SimResponse {
    const { headers, path } = target;
    const header = (name: string): string => asText(headers[`x-goog-upload-${name}`]);
    if (header("protocol") !== "resumable" || header("command") !== "start")
      return api.refuse(400, "Upload must be started with the protocol 'resumable'.");
    const bytes = Number(header("header-content-length"));
    if (!(bytes > 0)) return api.refuse(400, "The length of the upload must be told.");
    if (header("header-content-type") === "") return api.refuse(400, "The type of the upload must be told.");
    if (bytes > maxBytes) return api.refuse(413, "The file is too large");
    const file = isObject(body) && isObject(body["file"]) ? body["file"] : {};
    this.#announced.set(digits, { name: asText(file["displayName"]), bytes });
    const url = `${baseUrl}${path}?upload_id=${digits}&upload_protocol=resumable`;
    return { status: 200, headers: { "x-goog-upload-url": url, "x-goog-upload-status": "active" }, body: "" };
  }

  /** Takes the bytes of an upload that was announced. */
  take({
    api,
    target,
    bytes,
  }: BatchRequest): (Pick<Announced, "name"> & { content: string }) | { refused: SimResponse } {
    const { headers, query } = target;
    const refuse = (message: string) => ({ refused: api.refuse(400, message) });
    const announced = this.#announced.get(query.get("upload_id") ?? "");
    if (announced === undefined) return refuse("There is no such upload.");
    if (headers["x-goog-upload-command"] !== "upload, finalize")
      return refuse("Expected 'upload, finalize'.");
    if (headers["x-goog-upload-offset"] !== "0") return refuse("The offset must be 0.");
    if (headers["transfer-encoding"] !== undefined) return refuse("The length of the upload must be told.");
    if (bytes.length !== announced.bytes)
      return refuse(`Expected ${announced.bytes} bytes as announced, got ${bytes.length}.`);
    return { name: announced.name, content: bytes.toString() };
  }
}
