/**
 * A function in this process in place of an API: no server, no key.
 *
 *     node examples/src/own-function.ts
 */
import { functionProvider, generateText } from "parallel-parrot";

const provider = functionProvider({
  name: "shouting",
  model: "upper-case",
  complete: ({ messages }) => messages.at(-1)?.content.toUpperCase() ?? "",
});
const { rows } = await generateText([{ city: "Paris" }, { city: "Nairobi" }], {
  provider,
  prompt: "Describe ${city}.",
});
console.log(rows);
