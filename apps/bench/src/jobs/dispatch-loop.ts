import { open } from "node:fs/promises";
import { Agent, type Dispatcher } from "undici";
import { promptOf, toLines, type InputRow, type JobTask } from "./job.ts";
import { readLines } from "./read-lines.ts";

let agent: Agent | undefined;

const HEADERS = { "content-type": "application/json", authorization: "Bearer bench-key" };

/**
 * The floor: undici's handlers without promises, the next request sent inside the callback of the one before,
 * output put together once per turn of the event loop. Nothing is checked.
 */
export async function dispatchLoop(task: JobTask): Promise<void> {
  const { concurrency = 64 } = task;
  agent ??= new Agent({ connections: concurrency, headersTimeout: 0, bodyTimeout: 0 });
  await new DispatchLoop(agent, task, concurrency).run();
}

class DispatchLoop {
  readonly #agent: Agent;
  readonly #task: JobTask;
  readonly #concurrency: number;
  readonly #origin: string;
  readonly #path: string;
  readonly #done = Promise.withResolvers<void>();
  #lines: Generator<string> | undefined;
  #inFlight = 0;
  #pending = "";
  #isFlushSet = false;
  #written: Promise<unknown> = Promise.resolve();
  #write: (text: string) => Promise<unknown> = () => Promise.resolve();

  constructor(agent: Agent, task: JobTask, concurrency: number) {
    this.#agent = agent;
    this.#task = task;
    this.#concurrency = concurrency;
    const { origin, pathname } = new URL(`${task.baseUrl}/chat/completions`);
    this.#origin = origin;
    this.#path = pathname;
  }

  async run(): Promise<void> {
    await using file = await open(this.#task.output, "w");
    this.#write = (text) => file.appendFile(text);
    this.#lines = readLines(this.#task.input);
    for (let count = 0; count < this.#concurrency; count++) this.#next();
    if (this.#inFlight > 0) await this.#done.promise;
    this.#flush();
    await this.#written;
  }

  #next(): void {
    const line = this.#lines?.next();
    if (line === undefined || line.done === true) {
      if (this.#inFlight === 0) this.#done.resolve();
      return;
    }
    const row: InputRow = JSON.parse(line.value);
    const body = JSON.stringify({ model: "bench", messages: [{ role: "user", content: promptOf(row) }] });
    this.#inFlight += 1;
    this.#agent.dispatch(
      { origin: this.#origin, path: this.#path, method: "POST", headers: HEADERS, body },
      new AnswerHandler(row, this.#answered, this.#done.reject),
    );
  }

  readonly #answered = (row: InputRow, body: string): void => {
    const completion = JSON.parse(body);
    this.#pending += toLines(row, completion.choices[0].message.content);
    if (!this.#isFlushSet) {
      this.#isFlushSet = true;
      setImmediate(() => this.#flush());
    }
    this.#inFlight -= 1;
    this.#next();
  };

  #flush(): void {
    this.#isFlushSet = false;
    const text = this.#pending;
    if (text === "") return;
    this.#pending = "";
    this.#written = this.#written.then(() => this.#write(text));
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #row: InputRow;
  readonly #answered: (row: InputRow, body: string) => void;
  readonly #failed: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];

  constructor(
    row: InputRow,
    answered: (row: InputRow, body: string) => void,
    failed: (error: unknown) => void,
  ) {
    this.#row = row;
    this.#answered = answered;
    this.#failed = failed;
  }

  onRequestStart(): void {
    // undici requires it, and the next one.
  }

  onResponseStart(): void {
    // Every answer is 200 here.
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#answered(this.#row, body.toString());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failed(error);
  }
}
