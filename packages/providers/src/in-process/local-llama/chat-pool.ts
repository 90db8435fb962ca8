import type { LlamaChat, LlamaSequence } from "./llama-module.ts";

/** A conversation that one request at a time can have. */
export interface PooledChat {
  readonly chat: LlamaChat;
  readonly sequence: LlamaSequence;
}

/** Lends each of a few conversations to one request at a time, in the order in which the requests came. */
export class ChatPool {
  readonly #free: PooledChat[];
  readonly #waiting: ((chat: PooledChat) => void)[] = [];

  constructor(chats: readonly PooledChat[]) {
    this.#free = [...chats];
  }

  /** Lends one for as long as `use` works with it. @throws what `use` throws, or the reason of the signal */
  async lend<T>(signal: AbortSignal, use: (chat: PooledChat) => Promise<T>): Promise<T> {
    const chat = this.#free.pop() ?? (await this.#wait());
    try {
      signal.throwIfAborted();
      return await use(chat);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(chat);
      else next(chat);
    }
  }

  #wait(): Promise<PooledChat> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
