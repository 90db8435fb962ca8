/** Writes the table of formats into the READMEs, from the table in the code; with `--check` it only tells whether they are up to date. */
import { FORMATS, type Format } from "../packages/formats/src/formats.ts";
import { code, keepTable } from "./generated-table.ts";

/** What the table of the code does not know of a format. */
interface Words {
  readonly title: string;
  /** What it needs besides the product itself, to be read and to be written. */
  readonly needs?: string;
  /** What is known of the cells of a column. */
  readonly types: string;
  /** The most that is in memory at once, reading and writing. */
  readonly memory: string;
}

const ONE_ROW = "a row";

const WORDS: Readonly<Record<Format, Words>> = {
  csv: { title: "CSV", types: "text", memory: ONE_ROW },
  tsv: { title: "TSV", types: "text", memory: ONE_ROW },
  jsonl: { title: "JSON Lines", types: "each cell its own", memory: ONE_ROW },
  json: { title: "JSON", types: "each cell its own", memory: ONE_ROW },
  parquet: {
    title: "Parquet",
    types: "kept, nested ones too",
    memory: "a page of each column; written, 20,000 rows or 16 MiB",
  },
  arrow: {
    title: "Arrow IPC, Feather",
    types: "kept, nested ones too",
    memory: "a record batch, of 1 GiB at most; written, 20,000 rows or 16 MiB",
  },
  xlsx: {
    title: "Excel",
    types: "kept, where Excel has them",
    memory: "a row, and the texts that its cells share",
  },
  sqlite: { title: "SQLite", types: "kept", memory: "1,000 rows or 1 MiB" },
};

const names = Object.keys(FORMATS).filter((name): name is Format => Object.hasOwn(WORDS, name));

keepTable({
  name: "formats",
  documents: ["packages/formats/README.md", "apps/cli/README.md"],
  rows: [
    ["format", "name", "file names", "standard input", "types of its columns", "in memory", "needs"],
    ...names.map((name) => {
      const { extensions, isText, readsStreams } = FORMATS[name];
      const { title, types, memory, needs = "–" } = WORDS[name];
      const files = extensions.map((extension) => code(`.${extension}`)).join(", ");
      const compressed = isText
        ? `, also with ${code(".gz")}, ${code(".zst")}; read also with ${code(".bz2")}`
        : "";
      return [title, code(name), `${files}${compressed}`, readsStreams ? "yes" : "–", types, memory, needs];
    }),
  ],
  command: "node scripts/format-table.ts",
});
