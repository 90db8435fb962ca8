/**
 * As many copies of one program as you like, on as many machines: together they send what the key allows.
 *
 *     OPENAI_API_KEY=… node examples/src/shared-limit.ts postgres://localhost/parrot
 */
import { postgresLimit } from "@parallel-parrot/cluster";
import { createLimiter, generateText, openai } from "parallel-parrot";

const [, , database = "postgres://localhost/parrot"] = process.argv;
await using source = await postgresLimit(database, { scope: "openai/my-key/gpt-4.1-mini" });

// Each asks rows of its own. What the first answer tells of the limit, all know.
const numbers = Array.from({ length: 100 }, (_, number) => ({ number, process: process.pid }));
const { rows, usage } = await generateText(numbers, {
  provider: openai({ model: "gpt-4.1-mini" }),
  prompt: "A rhyme about the number ${number}, for reader ${process}",
  limiter: createLimiter({ source }),
});
console.log(`${rows.length} rhymes, ${usage.requests} requests`);
