/** The objects in every answer: each input row becomes as many rows. */
const ITEMS = [
  {
    question: "Where do parrots live?",
    answer: "Mostly in warm countries of the southern half of the world.",
  },
  { question: "Can parrots speak?", answer: "They repeat words, and some learn what a few of them mean." },
  { question: "How old do parrots get?", answer: "Large ones live for sixty years and more." },
];

/** The body of a Chat Completions response that all servers of the bench give. */
export const ANSWER_BODY: string = completionOf({ content: JSON.stringify({ items: ITEMS }), refusal: null });

/** The same in the older form that the Python ancestor asks for: as the arguments of a function. */
export const FUNCTION_ANSWER_BODY: string = completionOf({
  content: null,
  function_call: { name: "f", arguments: JSON.stringify({ p: ITEMS }) },
});

/** Where {@linkcode FUNCTION_ANSWER_BODY} is the answer. */
export const FUNCTION_ANSWER_PATH = "/functions/";

function completionOf(message: object): string {
  return JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
    choices: [
      { index: 0, message: { role: "assistant", ...message }, logprobs: null, finish_reason: "stop" },
    ],
    usage: { prompt_tokens: 90, completion_tokens: 80, total_tokens: 170 },
  });
}
