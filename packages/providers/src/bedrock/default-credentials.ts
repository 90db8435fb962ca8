import { isInstalled, notLoaded, nothingFound, type Renewable } from "../secrets/optional-library.ts";
import type { AwsCredentials } from "./aws-credentials.ts";

/** AWS's own search for credentials, which is installed by whoever needs it. */
export const AWS_LIBRARY = "@aws-sdk/credential-provider-node";

/**
 * The credentials of a profile, a role, single sign-on, `credential_process`, a container or an instance, found as
 * every tool of AWS finds them; `undefined` if AWS's library is not installed. It renews them before they expire.
 */
export function defaultAwsCredentials(): Renewable<AwsCredentials> | undefined {
  if (!isInstalled(AWS_LIBRARY)) return undefined;
  let find: ((options?: { readonly forceRefresh?: boolean }) => Promise<AwsCredentials>) | undefined;
  let isRefused = false;
  let hasFound = false;
  return {
    async get() {
      find ??= (await import("@aws-sdk/credential-provider-node").catch(notLoaded)).defaultProvider();
      const forceRefresh = isRefused;
      isRefused = false;
      try {
        const found = await find({ forceRefresh });
        hasFound = true;
        return found;
      } catch (cause) {
        throw nothingFound("Cannot find credentials for Amazon Bedrock", cause, hasFound);
      }
    },
    renew: () => void (isRefused = true),
  };
}
