/**
 * An HTTP server that pipes an uploaded CSV through the stages into a download, CSV or one JSON array: backpressured
 * both ways, and cancelled when the client leaves.
 *
 *     OPENAI_API_KEY=… node examples/src/csv-server.ts
 *     curl --data-binary @examples/data/reviews.csv http://127.0.0.1:3000/ > summaries.csv
 *     curl -H 'Accept: application/json' --data-binary @examples/data/reviews.csv http://127.0.0.1:3000/
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable, Writable } from "node:stream";
import { csvSink, csvSource, jsonSink, openai, pipeline, text } from "parallel-parrot";

// #region answer
async function summarise(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const upload = csvSource(Readable.toWeb(request));
  const columns = await upload.columns();
  if (columns?.includes("review") !== true) {
    response.writeHead(400).end('The CSV needs a column "review"\n');
    return;
  }
  const clientLeft = new AbortController();
  response.on("close", () => clientLeft.abort(new Error("The client left")));
  const summaries = pipeline({
    provider: openai({ model: "gpt-4.1-mini" }),
    prompt: "Summarise in one sentence: ${review}",
    output: text("summary"),
    concurrency: 20,
    signal: clientLeft.signal,
  });
  const isJson = request.headers.accept?.includes("application/json") === true;
  response.setHeader("content-type", isJson ? "application/json" : "text/csv; charset=utf-8");
  const download = (isJson ? jsonSink : csvSink)(Writable.toWeb(response));
  await upload.pipeThrough(summaries).pipeTo(download);
}
// #endregion answer

const server = createServer((request, response) => {
  summarise(request, response).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    // Rows may be on their way: a broken connection is the only way to tell.
    response.destroy();
  });
});
server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  console.log(`Listening on ${JSON.stringify(server.address())}`);
});
