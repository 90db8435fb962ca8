import type { Credentials } from "../request/credentials.ts";
import { AwsV4Signer } from "aws4fetch";
import { readKey } from "../request/credentials.ts";

/** What AWS requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one. */
  readonly sessionToken?: string;
}

/** The credentials in the environment variables that all AWS tools know; `undefined` if they are not set. */
export function readAwsCredentials(): AwsCredentials | undefined {
  const accessKeyId = readKey(undefined, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = readKey(undefined, "AWS_SECRET_ACCESS_KEY");
  const sessionToken = readKey(undefined, "AWS_SESSION_TOKEN");
  if (accessKeyId === "" || secretAccessKey === "") return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === "" ? {} : { sessionToken }) };
}

/** Signs each request with AWS Signature Version 4 just before it is sent: a signature is valid for five minutes. */
export function sigV4(
  credentials: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>),
  scope: { readonly service: string; readonly region: string },
): Credentials {
  /** A signing key is good for one day, and deriving it is slow. */
  const cache = new Map<string, ArrayBuffer>();
  let secret = typeof credentials === "function" ? "" : credentials.secretAccessKey;
  return {
    headerNames: ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"],
    secret: () => secret,
    async authorize({ method, url, body }) {
      const now = typeof credentials === "function" ? await credentials() : credentials;
      secret = now.secretAccessKey;
      if (cache.size > MAX_SIGNING_KEYS) cache.clear();
      const { accessKeyId, secretAccessKey, sessionToken } = now;
      const signer = new AwsV4Signer({
        method,
        url,
        body,
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        ...scope,
        cache,
      });
      const { headers } = await signer.sign();
      return Object.fromEntries(headers);
    },
  };
}

const MAX_SIGNING_KEYS = 16;
