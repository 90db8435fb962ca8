import type { Job } from "./job.ts";

/** What is asked, and how it is called on the command line. */
const PARTS = {
  prompt: "the prompt",
  promptText: "the prompt",
  system: "the system message",
  model: "the model",
  baseUrl: "the base URL",
  n: "--n",
  temperature: "--temperature",
  topP: "--top-p",
  maxTokens: "--max-tokens",
  seed: "--seed",
  stop: "--stop",
  askEqualOnce: "--ask-equal-once",
  imageColumn: "--image-column",
  imageFolder: "--image-folder",
  ragged: "--ragged",
  longNumbers: "--long-numbers",
  reasoningEffort: "--reasoning-effort",
  onContext: "--on-context",
  keys: "--keys",
  schemaText: "the schema",
  single: "--single",
} as const;

/** What of the requests differs between two jobs, in words; nothing where they ask for the same. */
export function changesBetween(earlier: Job, now: Job): readonly string[] {
  const [before, after] = [optionsOf(earlier), optionsOf(now)];
  const changed = Object.entries(PARTS).filter(
    ([name]) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const words = changed.map(([name, word]) => `${word}${valuesOf(name, before[name], after[name])}`);
  if (earlier.command !== now.command) words.unshift(`the command (${earlier.command} → ${now.command})`);
  return [...new Set(words)];
}

function optionsOf({ options }: Job): Readonly<Record<string, unknown>> {
  const all: Readonly<Record<string, unknown>> = { ...options };
  // A prompt on the command line and the same one from a file ask for the same.
  const { promptText, prompt = promptText, ...others } = all;
  // A flag that was not given and one of the other command are alike.
  return Object.fromEntries(Object.entries({ ...others, prompt }).filter(([, value]) => value !== false));
}

/** Short values are shown. */
function valuesOf(name: string, before: unknown, after: unknown): string {
  if (["prompt", "promptText", "system", "schemaText"].includes(name)) return "";
  return ` (${show(before)} → ${show(after)})`;
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value).replaceAll('"', "");
}
