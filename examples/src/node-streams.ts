/** Classic Node streams at both ends: `Readable.toWeb` in front, `Writable.toWeb` behind. */
import { Readable, Writable } from "node:stream";
import { openai, pipeline, text, type Row } from "parallel-parrot";

const words = Readable.from(["parrot", "quick", "river"].map((word) => ({ word })));
const printer = new Writable({
  objectMode: true,
  write(row: Row, _encoding, callback) {
    console.log(JSON.stringify(row));
    callback();
  },
});

// #region streams
// Node's type of a web stream is another than the browser's, which a compiler may have as well.
const source = Readable.toWeb(words) as ReadableStream<Row>;
await source
  .pipeThrough(
    pipeline({
      provider: openai({ model: "gpt-4.1-mini" }),
      prompt: "Use the word ${word} in a sentence.",
      output: text("sentence"),
    }),
  )
  .pipeTo(Writable.toWeb(printer));
// #endregion streams
