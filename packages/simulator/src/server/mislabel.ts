import type { SimResponse } from "../dialect.ts";
import type { DeliveryFault } from "../faults/fault.ts";

/** A fault that leaves the answer right and says something wrong about its bytes. */
export type LabelFault = Extract<
  DeliveryFault,
  { readonly kind: "bigHeaders" | "byteOrderMark" | "charset" | "contentEncoding" }
>;

interface Labelled {
  readonly headers: SimResponse["headers"];
  readonly bytes: Buffer;
}

/** Headers and bytes as the fault says. */
export function mislabel({ headers, bytes }: Labelled, fault: LabelFault): Labelled {
  switch (fault.kind) {
    case "byteOrderMark":
      return { headers, bytes: Buffer.concat([Buffer.from("\uFEFF"), bytes]) };
    case "contentEncoding":
      return { headers: { ...headers, "content-encoding": fault.value }, bytes };
    case "charset":
      return {
        headers: { ...headers, "content-type": `application/json; charset=${fault.charset}` },
        bytes: fault.isTrue === true ? inCharset(bytes, fault.charset) : bytes,
      };
    case "bigHeaders":
    default:
      return { headers: { ...headers, ...bigHeaders(fault.bytes ?? 20_000) }, bytes };
  }
}

function inCharset(bytes: Buffer, charset: "iso-8859-1" | "utf-16le"): Buffer {
  return Buffer.from(bytes.toString(), charset === "iso-8859-1" ? "latin1" : "utf16le");
}

/** Headers of a few kilobytes each, as a gateway writes its policies and cookies. */
function bigHeaders(bytes: number): Record<string, string> {
  const size = 4000;
  const count = Math.ceil(bytes / size);
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-policy-${at}`, "p".repeat(size)]));
}
