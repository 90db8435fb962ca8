import { once } from "node:events";
import { createWriteStream } from "node:fs";

/** A file written to as answers come. */
interface OutputFile {
  write(text: string): void;
  /** Resolves when everything is written. */
  end(): Promise<void>;
}

/** Opens an output file anew. */
export function openOutput(path: string): OutputFile {
  const file = createWriteStream(path);
  return {
    write: (text) => void file.write(text),
    async end() {
      file.end();
      await once(file, "finish");
    },
  };
}
