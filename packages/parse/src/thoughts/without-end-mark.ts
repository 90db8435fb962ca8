/** What ends a turn or a text in the templates of models; servers with another template pass it on. */
const END_MARKS: readonly string[] = [
  // ChatML, of Qwen and many others
  "<|im_end|>",
  // Llama 3
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end_of_text|>",
  // Llama 2, Mistral
  "</s>",
  // Gemma
  "<end_of_turn>",
  "<turn|>",
  "<eos>",
  // GPT-2, Qwen, Phi
  "<|endoftext|>",
  "<|end|>",
  // gpt-oss
  "<|return|>",
  // DeepSeek
  "<｜end▁of▁sentence｜>",
  // Command R
  "<|END_OF_TURN_TOKEN|>",
  "<|END_RESPONSE|>",
];

/**
 * An answer without the marks that end a model's turn. One after a space is left alone, as in "it ends with <eos>", and
 * so is `</s>` of HTML.
 */
export function withoutEndMark(text: string): string {
  // An HTML tag, which closes another.
  const isTag = text.includes("<s>");
  for (let rest = text.trimEnd(); ; rest = rest.trimEnd()) {
    const mark = END_MARKS.find((mark) => rest.endsWith(mark));
    if (mark === undefined) return rest.length === text.trimEnd().length ? text : rest;
    const before = rest.slice(0, -mark.length);
    if (/[ \t]$/.test(before) || (mark === "</s>" && isTag)) return text;
    rest = before;
  }
}
