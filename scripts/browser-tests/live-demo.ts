import { startSimulator, type Simulator } from "../../packages/simulator/src/index.ts";
import { Workplace } from "../real-model/workplace.ts";
import { startPage } from "./start-page.ts";

const PRODUCTS = ["Kettle", "Tent", "Lamp", "Radio"];

export interface LiveDemoOptions {
  readonly rows: number;
  readonly requestsPerMinute: number;
}

/** A folder with a run that goes on, as slowly as a rate limit lets it, and the page over it. */
export class LiveDemo {
  readonly place: Workplace;
  readonly url: string;
  readonly run: ReturnType<Workplace["start"]>;
  readonly #simulator: Simulator;
  readonly #page: ReturnType<Workplace["start"]>;

  private constructor(
    place: Workplace,
    simulator: Simulator,
    started: {
      readonly run: ReturnType<Workplace["start"]>;
      readonly page: ReturnType<Workplace["start"]>;
      readonly url: string;
    },
  ) {
    this.place = place;
    this.url = started.url;
    this.run = started.run;
    this.#simulator = simulator;
    this.#page = started.page;
  }

  static async open({ rows, requestsPerMinute }: LiveDemoOptions): Promise<LiveDemo> {
    const simulator = await startSimulator({
      latency: { kind: "lognormal", medianMs: 900, p99Ms: 4000 },
      limits: { requestsPerMinute, window: "bucket", burstSeconds: 2 },
      faults: ({ body }) =>
        JSON.stringify(body).includes("number 7 ") ? { kind: "status", status: 400 } : undefined,
    });
    const place = new Workplace({ OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl });
    const lines = Array.from({ length: rows }, (_, at) =>
      JSON.stringify({
        id: at + 1,
        product: PRODUCTS[at % 4],
        review: `It is number ${at % 50} and works.`,
      }),
    );
    place.write("reviews.jsonl", `${lines.join("\n")}\n`);
    const run = place.start([
      "text",
      "reviews.jsonl",
      "--prompt",
      "Is this review positive? ${review}",
      "--model",
      "openai/gpt-4.1-mini",
      "--price",
      "input=0.4,output=1.6",
      "--max-cost",
      "0.5",
      "--max-tokens",
      "60",
      "-o",
      "sentiments.jsonl",
    ]);
    await new Promise((resolve) => run.stderr?.once("data", resolve));
    const { process: page, url } = await startPage(place);
    return new LiveDemo(place, simulator, { run, page, url });
  }

  async close(): Promise<void> {
    for (const process of [this.run, this.#page]) {
      process.kill("SIGKILL");
      await process.finished;
    }
    await this.#simulator.close();
    this.place[Symbol.dispose]();
  }
}
