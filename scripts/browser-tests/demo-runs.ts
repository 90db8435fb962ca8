import { startSimulator, type Simulator } from "../../packages/simulator/src/index.ts";
import { Workplace } from "../real-model/workplace.ts";
import { startPage } from "./start-page.ts";

/** Reviews as people write them; some of them as nobody should be able to. */
const REVIEWS = [
  "Boils in no time. I love it.",
  "It leaked in the first rain. Terrible.",
  "It is a lamp.",
  "Works, though the manual is useless.",
  "Great value, and it came the next day.",
];
/** What no page may obey: markup, a terminal's controls, marks that turn a text around. */
export const HOSTILE =
  "<script>window.hacked=1</script><img src=x onerror=window.hacked=1> \u001b[31m\u202Egnp.exe";
export const LONG = "All of it was long. ".repeat(52_000);
const PRODUCTS = ["Kettle", "Tent", "Lamp", "Radio"];
const ROWS = 120;
/** Where the odd rows are. */
export const HOSTILE_ROW = 4;
export const LONG_ROW = 7;

/** A folder with finished runs against a simulator, and the page over them. */
export class DemoRuns {
  readonly place: Workplace;
  readonly url: string;
  readonly #simulator: Simulator;
  readonly #page: ReturnType<Workplace["start"]>;

  private constructor(
    place: Workplace,
    simulator: Simulator,
    page: { readonly process: ReturnType<Workplace["start"]>; readonly url: string },
  ) {
    this.place = place;
    this.url = page.url;
    this.#simulator = simulator;
    this.#page = page.process;
  }

  /** @param isOdd whether a row of one megabyte and hostile ones are among the rows */
  static async open(isOdd: boolean): Promise<DemoRuns> {
    const simulator = await startSimulator({ latency: { kind: "lognormal", medianMs: 60, p99Ms: 400 } });
    const place = new Workplace({ OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl });
    place.write("reviews.jsonl", reviews(isOdd));
    const ask = ["--model", "openai/gpt-4.1-mini", "--price", "input=0.4,output=1.6", "--quiet"];
    const before = ["--prompt", "What does its writer feel? ${review}", "--output-key", "sentiment"];
    await place.run("text", "reviews.jsonl", ...before, "-o", "feelings.jsonl", ...ask);
    const prompt = ["--prompt", "Is this review positive, negative or neutral? ${review}"];
    await place.run(
      "text",
      "reviews.jsonl",
      ...prompt,
      "--output-key",
      "sentiment",
      "-o",
      "sentiments.jsonl",
      ...ask,
    );
    const keys = ["--keys", "product,sentiment,action", "--prompt", "Sort this review: ${review}"];
    await place.run("columns", "reviews.jsonl", ...keys, "--max-tokens", "36", "-o", "sorted.jsonl", ...ask);
    const { process: page, url } = await startPage(place);
    return new DemoRuns(place, simulator, { process: page, url });
  }

  async close(): Promise<void> {
    this.#page.kill("SIGINT");
    await this.#page.finished;
    await this.#simulator.close();
    this.place[Symbol.dispose]();
  }
}

function reviews(isOdd: boolean): string {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const usual = `${REVIEWS[at % REVIEWS.length]}`;
    const odd = at === HOSTILE_ROW ? HOSTILE : at === LONG_ROW ? LONG : usual;
    return JSON.stringify({
      id: at + 1,
      product: PRODUCTS[at % PRODUCTS.length],
      review: isOdd ? odd : usual,
    });
  });
  return `${rows.join("\n")}\n`;
}
