import { TextDecoder } from "node:util";
import { SaxesParser } from "saxes";

/** Is called for what a document has, in its order. Names come without the prefix of their namespace. */
export interface XmlHandler {
  open?(name: string, attributes: Attributes): void;
  /** A whole text between two tags. */
  text?(text: string): void;
  close?(name: string): void;
}

export type Attributes = Readonly<Record<string, string>>;

/** Far more than workbooks have: an element that is open takes a hundred times as much memory as its tag. */
const MAX_DEPTH = 256;

/** Parses a document that comes in pieces. What is not XML throws; nothing is fetched and no entity is expanded. */
export class XmlParser {
  readonly #parser = new SaxesParser({ position: false, xmlns: false });
  #decoder: TextDecoder | undefined;

  constructor(handler: XmlHandler) {
    const parser = this.#parser;
    parser.on("error", (error) => {
      throw new SyntaxError(error.message);
    });
    parser.on("doctype", () => {
      throw new SyntaxError("it has a document type, which Excel does not write");
    });
    let depth = 0;
    parser.on("opentag", ({ name, attributes }) => {
      depth += 1;
      if (depth > MAX_DEPTH) throw new SyntaxError(`it has elements in more than ${MAX_DEPTH} others`);
      handler.open?.(localOf(name), attributes);
    });
    parser.on("closetag", ({ name }) => {
      depth -= 1;
      handler.close?.(localOf(name));
    });
    parser.on("text", (text) => handler.text?.(text));
    parser.on("cdata", (text) => handler.text?.(text));
  }

  write(bytes: Uint8Array): void {
    this.#decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    this.#parser.write(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#parser.write(this.#decoder?.decode() ?? "");
    this.#parser.close();
  }
}

/** The longest declaration of a document. */
const MAX_DECLARATION_BYTES = 200;

/** The encoding of a document: two bytes for each character show in its first ones, any other is declared. */
function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || second === 0) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || first === 0) return "utf-16be";
  const start = Buffer.from(bytes.subarray(0, MAX_DECLARATION_BYTES)).toString("latin1");
  const declared = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
  // Some writers declare the encoding that their text had before it was written.
  return declared === undefined || /^utf-?16/i.test(declared) ? "utf-8" : declared;
}

function localOf(name: string): string {
  const colon = name.indexOf(":");
  return colon === -1 ? name : name.slice(colon + 1);
}

/** The value of an attribute that is in some namespace, whatever its prefix. */
export function attributeIn(attributes: Attributes, local: string): string | undefined {
  return Object.entries(attributes).find(([name]) => name.endsWith(`:${local}`))?.[1];
}

/** A text of a cell, in which `_x000D_` stands for a character that XML has no other form for. */
export function unescapeText(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
