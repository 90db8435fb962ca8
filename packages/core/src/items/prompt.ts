/** An image in a prompt: by its address, which the provider fetches, or by its bytes. */
export type ImagePart =
  /** An `http` or `https` URL. */
  | { readonly url: string }
  /** The bytes in base64, without a `data:` prefix, and what they are, such as `image/png`. */
  | { readonly mediaType: string; readonly data: string };

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /** Images that go with the text of a user turn, in order; the text comes first. */
  readonly images?: readonly ImagePart[];
}

/** What to ask: the whole conversation, system message first where there is one, a user turn last. */
export interface Prompt {
  readonly messages: readonly Message[];
  /**
   * How much of its beginning every prompt of the run has in the same words. It changes nothing of what is asked: some
   * APIs sell that part cheaper where a request marks its end. @default not known
   */
  readonly prefix?: PromptPrefix;
}

/** The beginning that the prompts of a run share: so many whole messages, and the first characters of the next one. */
export interface PromptPrefix {
  readonly messages: number;
  /** UTF-16 code units, as of a JavaScript string. */
  readonly characters: number;
}
