import { isInstalled, notLoaded, nothingFound, type Renewable } from "../secrets/optional-library.ts";

/** Google's own search for credentials, which is installed by whoever needs it. */
export const GOOGLE_LIBRARY = "google-auth-library";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/**
 * An access token by application default credentials: `gcloud auth application-default login`, a service account's
 * file, a workload's identity; `undefined` if Google's library is not installed. It renews the token before it expires.
 *
 * @param projectId is known, so that the library does not ask Google's servers for it
 */
export function defaultGoogleToken(projectId: string): Renewable<string | null | undefined> | undefined {
  if (!isInstalled(GOOGLE_LIBRARY)) return undefined;
  let auth: { getAccessToken(): Promise<string | null | undefined> } | undefined;
  let hasFound = false;
  return {
    async get() {
      auth ??= new (await import("google-auth-library").catch(notLoaded)).GoogleAuth({
        scopes: SCOPE,
        projectId,
      });
      try {
        const token = await auth.getAccessToken();
        hasFound = true;
        return token;
      } catch (cause) {
        throw nothingFound("Cannot get a token for Google Vertex AI", cause, hasFound);
      }
    },
    renew: () => void (auth = undefined),
  };
}
