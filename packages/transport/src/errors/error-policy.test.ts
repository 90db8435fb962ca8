import { describe, expect, it, onTestFinished, vi } from "vitest";
import { providers, type Rejection } from "@parallel-parrot/providers";
import { HttpError } from "../http/http-error.ts";
import { ERROR_POLICY, policyOf } from "./error-policy.ts";
import { rejectHttpError, RejectionError } from "./rejection-error.ts";

/** What servers say in the bodies of their errors. */
const BODIES = [
  "",
  "{}",
  "<html>Bad Gateway</html>",
  ...[
    { message: "the model m does not exist", code: "model_not_found" },
    { message: "blocked", code: "content_filter" },
    { message: "maximum context length is 8192 tokens", code: "context_length_exceeded" },
    { message: "You exceeded your current quota", code: "insufficient_quota" },
    { message: "unsupported parameter: temperature", param: "temperature" },
  ].map((error) => JSON.stringify({ error, type: "error" })),
];

/** Where a verdict, which says what to do now, and the policy of its code do not agree. */
function disagreementsOf({ verdict, code }: Rejection): readonly string[] {
  const { scope, isTransient = false } = policyOf(code);
  const isPassing = verdict === "wait" || verdict === "retry";
  return [
    ...(Object.hasOwn(ERROR_POLICY, code) ? [] : [`${code} has no row`]),
    ...((scope === "run") === (verdict === "stop") ? [] : [`${code} with ${verdict} is of the ${scope}`]),
    ...(isPassing && !isTransient ? [`${code} with ${verdict} does not pass by itself`] : []),
  ];
}

describe("ERROR_POLICY", () => {
  it.each(
    providers.filter(({ isInProcess }) => isInProcess !== true).map((entry) => [entry.name, entry] as const),
  )(
    "ERROR_POLICY has a row for every code that %s gives to a status, which agrees with the verdict",
    (_, entry) => {
      vi.stubEnv("GOOGLE_CLOUD_PROJECT", "project");
      onTestFinished(() => void vi.unstubAllEnvs());
      const provider = entry.create({ model: "m", apiKey: "k", baseUrl: "https://own.example" });
      const codes = new Set<string>();
      for (let status = 400; status < 600; status++) {
        for (const body of BODIES) {
          const answer = provider.readResponse({ status, headers: {}, body }, new Set());
          if (answer.ok) throw new Error(`${status} was read as an answer`);
          expect(disagreementsOf(answer.rejection)).toEqual([]);
          codes.add(answer.rejection.code);
        }
      }
      expect(codes.size).toBeGreaterThan(4);
    },
  );

  it.each(["NETWORK", "TIMEOUT", "RESPONSE_TOO_LARGE", "BAD_RESPONSE", "TLS", "INVALID_REQUEST"] as const)(
    "ERROR_POLICY has a row for a connection that fails with %s, which agrees with the verdict",
    (kind) => {
      const error = rejectHttpError(new HttpError(kind, "it broke"));
      if (!(error instanceof RejectionError)) throw new Error("no verdict was put on it");
      expect(disagreementsOf(error.rejection)).toEqual([]);
    },
  );

  it("ERROR_POLICY takes a code that it does not have for the row's own failure", () => {
    expect(policyOf("of a user's own provider")).toEqual({ scope: "row" });
    expect(policyOf("constructor")).toEqual({ scope: "row" });
  });
});
