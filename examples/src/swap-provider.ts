/**
 * Another provider by one word; nothing else changes.
 *
 *     OPENAI_API_KEY=… node examples/src/swap-provider.ts openai
 *     node examples/src/swap-provider.ts ollama
 */
import { generateText, openai } from "parallel-parrot";

const providers = {
  openai: () => openai({ model: "gpt-4.1-mini" }),
  ollama: () =>
    openai({ model: "llama3.3", baseUrl: process.env["OLLAMA_URL"] ?? "http://localhost:11434/v1" }),
  vllm: () => openai({ model: "qwen3", baseUrl: process.env["VLLM_URL"] ?? "http://localhost:8000/v1" }),
};
type Name = keyof typeof providers;

const isKnown = (name: string | undefined): name is Name =>
  name !== undefined && Object.hasOwn(providers, name);
const [, , name] = process.argv;
if (!isKnown(name)) throw new Error(`Give one of ${Object.keys(providers).join(", ")}, got ${name}`);

const { rows } = await generateText([{ city: "Paris" }, { city: "Nairobi" }], {
  provider: providers[name](),
  prompt: "Describe ${city} in one sentence.",
});
console.log(rows);
