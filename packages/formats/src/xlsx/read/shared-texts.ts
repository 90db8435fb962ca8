import { unescapeText, XmlParser } from "./xml-parser.ts";

/** Texts that cells refer to; those of the largest sheets are in memory. */
const MAX_TEXTS: number = 2 ** 24;
const MAX_BYTES: number = 2 ** 29;

/** The texts that the cells of all sheets share, in the order by which cells refer to them. */
export async function readSharedTexts(
  chunks: AsyncIterable<Uint8Array>,
  { bytes, maxTextBytes }: { readonly bytes: number; readonly maxTextBytes: number },
): Promise<readonly string[]> {
  if (bytes > MAX_BYTES)
    throw new RangeError(
      `the texts of its cells take ${bytes} bytes, more than ${MAX_BYTES}, and are all needed at once; save the sheet as CSV`,
    );
  const texts: string[] = [];
  let [text, since, phonetic] = ["", 0, 0];
  let isText = false;
  const parser = new XmlParser({
    open(name) {
      if (name === "rPh") phonetic += 1;
      if (name === "t") isText = phonetic === 0;
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === "t") isText = false;
      if (name === "rPh") phonetic -= 1;
      if (name !== "si") return;
      texts.push(unescapeText(text));
      if (texts.length > MAX_TEXTS)
        throw new RangeError(`its cells have more than ${MAX_TEXTS} different texts`);
      [text, since] = ["", 0];
    },
  });
  for await (const chunk of chunks) {
    since += chunk.length;
    parser.write(chunk);
    if (since > maxTextBytes) throw new RangeError(`one of its texts has more than ${maxTextBytes} bytes`);
  }
  parser.end();
  return texts;
}
