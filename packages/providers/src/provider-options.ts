/** What every provider that speaks the OpenAI dialects can be told. */
export interface ProviderOptions {
  /** Model name as the server knows it, such as `gpt-4.1-mini`. */
  readonly model: string;
  /** @default the provider's environment variable; servers of one's own may need none */
  readonly apiKey?: string;
  /**
   * Root of the API with its version path, such as `http://localhost:8000/v1`.
   * @default the provider's environment variable where it has one, else the provider's own address
   */
  readonly baseUrl?: string;
  /** Sent with every request, such as `OpenAI-Project`. Not for secrets: they may be journaled. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields added to every body as they are, such as `{ service_tier: "flex" }`. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}
