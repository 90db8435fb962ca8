import { filePath } from "../file-path.ts";
import { fileReader } from "./file-reader.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { encodedText } from "./encoded-text.ts";

/** Options of {@linkcode readTextFile}. */
export interface ReadTextOptions {
  /** What messages call the file. @default its path */
  readonly label?: string;
  /** The option that named the file; errors carry it. @default none */
  readonly option?: string;
  /** Most bytes that the file may have. @default 16 MiB */
  readonly maxBytes?: number;
}

const MAX_BYTES = 16 * 2 ** 20;

/**
 * The text of a small file, such as a prompt or a schema: decoded as strictly as rows are, without its byte order
 * mark.
 *
 * @throws ParrotError `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`; `INVALID_INPUT` where it is not UTF-8 or too large
 */
export async function readTextFile(file: string | URL, options: ReadTextOptions = {}): Promise<string> {
  const path = filePath(file);
  const { label = path, option, maxBytes = MAX_BYTES } = options;
  const name: InputName = { label, position: { file: path, ...(option !== undefined && { option }) } };
  const checker = encodedText(name, { hasOption: false });
  const reader = fileReader(path, name);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
      length += chunk.length;
      if (length > maxBytes) throw invalidInput(name, {}, `it has more than ${maxBytes} bytes`);
      const { bytes, error } = checker.check(chunk);
      if (error !== undefined) throw error;
      chunks.push(bytes);
    }
    const { bytes, error } = checker.end();
    if (error !== undefined) throw error;
    chunks.push(bytes);
  } finally {
    await reader.cancel(undefined);
  }
  return Buffer.concat(chunks).toString("utf8");
}
