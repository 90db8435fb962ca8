/** What a server with a fixed answer gives, and over what. */
export interface Answers {
  /** Bytes of the body. @default 597, three objects of a question and an answer */
  readonly bytes?: number;
  /** HTTPS, and the ten headers more that a large API sends. */
  readonly isTls: boolean;
}

/** Headers that large APIs send besides those that say what the body is. */
export const MORE_HEADERS: readonly (readonly [string, string])[] = [
  ["access-control-expose-headers", "X-Request-ID"],
  ["cf-cache-status", "DYNAMIC"],
  ["cf-ray", "9a1b2c3d4e5f6071-FRA"],
  ["openai-organization", "bench"],
  ["openai-processing-ms", "312"],
  ["openai-version", "2020-10-01"],
  ["strict-transport-security", "max-age=31536000; includeSubDomains; preload"],
  ["x-content-type-options", "nosniff"],
  ["x-envoy-upstream-service-time", "318"],
  ["x-request-id", "req_5f0c1d2e3b4a59687766554433221100"],
];
