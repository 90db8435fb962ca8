import { MAX_FAULTS, type Failed, type Output } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import {
  createLimiter,
  functionProvider,
  generateData,
  generateText,
  memoryJournal,
  text,
  type Generated,
  type Journal,
  type Limiter,
  type Provider,
  type Row,
} from "./index.ts";

const ROWS = 40;
const BAD = 7;
const rowsOf = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }));
/** Padded, so that the body of one is in no other. */
const words = (id: number): string => `Say ${String(id).padStart(6, "0")}!`;
const prompt = ({ id }: { id: number }): string => words(id);

function fail(): never {
  throw new TypeError("cannot read properties of undefined");
}

/** Answers in its own time, so that many are in flight when something throws. */
const echo = functionProvider({
  name: "echo",
  model: "m",
  complete: async ({ messages }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return messages.at(-1)?.content ?? "";
  },
});

interface Parts {
  readonly provider?: Partial<Provider>;
  readonly limiter?: Partial<Limiter>;
  readonly output?: Output;
}

function isBadOf(isBad: (id: number) => boolean): (body: string) => boolean {
  return (body) => isBad(Number(/Say (\d+)!/.exec(body)?.[1]));
}

/** Each seam at which code of ours, or of a user, may throw: what it is made of, and whether the answer was paid for by then. */
const SEAMS: readonly (readonly [
  string,
  Failed["failure"]["stage"],
  "asked" | "unasked",
  (isBad: (body: string) => boolean) => Parts,
])[] = [
  [
    "builds a request",
    "transport",
    "unasked",
    (isBad) => ({
      provider: {
        buildRequest: (call, amendments) =>
          isBad(call.prompt.messages[0]?.content ?? "") ? fail() : echo.buildRequest(call, amendments),
      },
    }),
  ],
  [
    "reads a response",
    "transport",
    "asked",
    (isBad) => ({
      provider: {
        readResponse: (response, amendments) =>
          isBad(response.body) ? fail() : echo.readResponse(response, amendments),
      },
    }),
  ],
  [
    "reads the limits in a response",
    "transport",
    "asked",
    (isBad) => ({
      provider: { readLimits: (response) => (isBad(response.body) ? fail() : echo.readLimits(response)) },
    }),
  ],
  [
    "learns limits",
    "transport",
    "asked",
    (isBad) => {
      const limiter = createLimiter();
      return {
        provider: {
          readLimits: (response) =>
            isBad(response.body) ? [{ resource: "requests", limit: -1 }] : echo.readLimits(response),
        } as Partial<Provider>,
        limiter: { learn: (readings) => (readings.length > 0 ? fail() : limiter.learn(readings)) },
      };
    },
  ],
  [
    "charges for an answer",
    "transport",
    "asked",
    (isBad) => {
      let isNextBad = false;
      return {
        provider: {
          readLimits(response) {
            isNextBad = isBad(response.body);
            return [];
          },
          chargeAfter: (estimate, usage) => (isNextBad ? fail() : echo.chargeAfter(estimate, usage)),
        },
      };
    },
  ],
  [
    "reads the output",
    "parse",
    "asked",
    (isBad) => ({
      output: {
        ...text(),
        read: (choice) => (isBad(choice.text) ? fail() : text().read(choice)),
      },
    }),
  ],
  [
    "gives an output whose columns cannot be read",
    "tidy",
    "asked",
    (isBad) => ({
      output: {
        ...text(),
        read: (choice) => ({
          ok: true,
          warnings: [],
          outputs: [isBad(choice.text) ? new Proxy({}, { ownKeys: fail }) : { answer: choice.text }],
        }),
      },
    }),
  ],
];

function runWith(parts: Parts, count: number, journal: Journal): Promise<Generated<{ id: number }, Row>> {
  return generateData(rowsOf(count), {
    provider: { ...echo, ...parts.provider },
    prompt,
    output: parts.output ?? text(),
    limiter: Object.assign(createLimiter({ maxConcurrency: 16 }), parts.limiter),
    journal,
  });
}

const keptIn = (journal: Journal): Set<string> =>
  new Set(Array.from(journal.records(), ({ body }) => /Say \d+!/.exec(body)?.[0] ?? body));

describe("code that throws over one row", () => {
  it.each(SEAMS)(
    "code that throws over one row fails that row and no other where it %s",
    async (_, stage, asked, partsOf) => {
      const journal = memoryJournal();
      const { rows, failures } = await runWith(partsOf(isBadOf((id) => id === BAD)), ROWS, journal);
      expect(rows).toHaveLength(ROWS - 1);
      expect(failures).toMatchObject([{ index: BAD, failure: { stage, code: "STAGE_FAILED" } }]);
      expect(failures[0]?.failure.message).toContain("cannot read properties of undefined");
      // What was paid for is kept, whatever threw behind it.
      expect(keptIn(journal)).toHaveProperty("size", asked === "asked" ? ROWS : ROWS - 1);
    },
  );

  it.each(SEAMS)(
    `code that throws over every row stops the run after ${MAX_FAULTS} rows, and keeps what is in flight, where it %s`,
    async (_, _stage, _asked, partsOf) => {
      const journal = memoryJournal();
      let asked = 0;
      const counting = functionProvider({
        name: "echo",
        model: "m",
        complete: async ({ messages }) => {
          asked += 1;
          await new Promise((resolve) => setTimeout(resolve, 5));
          return messages.at(-1)?.content ?? "";
        },
      });
      const parts = partsOf(isBadOf((id) => id >= 20));
      const run = runWith({ ...parts, provider: { ...counting, ...parts.provider } }, 1000, journal);
      await expect(run).rejects.toMatchObject({
        code: "TOO_MANY_FAULTS",
        message: expect.stringMatching(
          /^100 rows failed because of an error in code.*cannot read properties.*is in parrot itself/,
        ) as string,
      });
      expect(asked).toBeLessThan(1000);
      expect(keptIn(journal)).toHaveProperty("size", asked);
    },
  );

  it("a row of which a cell can be read once only fails, and no other", async () => {
    let reads = 0;
    const unsteady = {
      get id() {
        reads += 1;
        return reads > 1 ? fail() : 3;
      },
    };
    const { rows, failures } = await generateText([{ id: 1 }, unsteady, { id: 2 }], {
      provider: echo,
      prompt: "Say ${id}",
    });
    expect(rows).toHaveLength(2);
    expect(failures).toMatchObject([{ index: 1, failure: { stage: "template", code: "STAGE_FAILED" } }]);
  });

  it("rows that no text can hold fail before they are paid for", async () => {
    const circle: unknown[] = [];
    circle.push({ circle });
    let deep: unknown = 1;
    for (let level = 0; level < 5000; level++) deep = [deep];
    const input = [
      { id: 1, x: null },
      { id: 2, x: circle },
      { id: 3, x: deep },
      { id: 4, x: [[]] },
    ];
    const { rows, failures, usage } = await generateText(input, { provider: echo, prompt: "Say ${id}" });
    expect(rows.map(({ id }) => id)).toEqual([1, 4]);
    expect(failures).toMatchObject([
      { index: 1, row: input[1], failure: { stage: "template", code: "INVALID_CELL" } },
      { index: 2, row: input[2], failure: { stage: "template", code: "INVALID_CELL" } },
    ]);
    expect(failures.map(({ failure }) => failure.message)).toEqual([
      'Cannot use row 2: the cell of column "x" has a circular reference',
      'Cannot use row 3: the cell of column "x" is nested deeper than 1000 levels',
    ]);
    expect(usage.requests).toBe(2);
  });
});
