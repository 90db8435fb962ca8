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
}
