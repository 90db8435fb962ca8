/** The words for a prompt that is too long, of all servers that speak an OpenAI dialect. */
export const TOO_LONG: RegExp =
  /context.(?:length|window|size)|exceed_context|maximum (?:context|model length|prompt length)|input tokens exceed|`max_new_tokens` must be|`inputs` must have less than|range of input length should be/i;

/** The words of DeepSeek and of MiniMax for a filtered prompt, at their own addresses and behind gateways. */
export const CONTENT_WORDS: RegExp = /^content exists risk\b|\b(?:input|output) new_sensitive\b/i;
