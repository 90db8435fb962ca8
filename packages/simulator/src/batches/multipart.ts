/** One part of a form. */
export interface FormPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly content: string;
}

/** Reads a form with files; `undefined` if it is not a well-formed one. */
export function readForm(contentType: string, bytes: Buffer): readonly FormPart[] | undefined {
  const boundary = /^multipart\/form-data;.*\bboundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const pieces = `\r\n${bytes.toString()}`.split(`\r\n--${boundary}`);
  if (pieces.length < 3 || pieces.at(-1)?.trim() !== "--") return undefined;
  const parts = pieces.slice(1, -1).map(readPart);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function readPart(piece: string): FormPart | undefined {
  const end = piece.indexOf("\r\n\r\n");
  if (!piece.startsWith("\r\n") || end === -1) return undefined;
  const disposition = /^content-disposition: *form-data;(.*)$/im.exec(piece.slice(0, end))?.[1] ?? "";
  const name = /\bname="([^"]*)"/.exec(disposition.replace(/filename="[^"]*"/, ""))?.[1];
  if (name === undefined) return undefined;
  const fileName = /\bfilename="([^"]*)"/.exec(disposition)?.[1];
  return { name, fileName, content: piece.slice(end + 4) };
}
