/** What a request takes, as the server sees it. */
export interface RequestUsage {
  readonly row: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxTokens: number;
}

/** Not the number that clients guess with: they have to learn it. */
const CHARACTERS_PER_TOKEN = 3.6;

/** Reads a Chat Completions request; how long its answer is depends on the row's number alone. */
export function readUsage(body: string): RequestUsage {
  const { messages, max_tokens: maxTokens = 4096 } = JSON.parse(body);
  const text: string = messages.map(({ content }: { content: string }) => content).join("\n");
  const row = Number(/row (\d+):/.exec(text)?.[1] ?? 0);
  const inputTokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN) + 7;
  // 100 to 300, evenly.
  const outputTokens = 100 + ((row * 7919) % 201);
  return { row, inputTokens, outputTokens, maxTokens };
}
