/** The server has said no, or is not there. */
export class AskError extends Error {
  /** HTTP status; 0 where there is no server any more. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEY = "parrot-key";

/**
 * Takes the key to the data out of the address, where it could be copied by mistake, or gets it for what opens the page
 * once. A reload of this tab finds it again; it is kept nowhere else.
 */
export async function takeKey(): Promise<void> {
  const [, kind, given, run = "/"] = /^#(key|once)=([\w-]+)(\/run\/\d+)?$/.exec(location.hash) ?? [];
  if (given === undefined) return;
  history.replaceState(null, "", `/#${run}`);
  // Where it is refused, the page says so as for any other request without a key.
  const key =
    kind === "key"
      ? given
      : await send<{ readonly key: string }>("/key", given).then(
          (got) => got.key,
          () => "",
        );
  sessionStorage.setItem(KEY, key);
}

/** Asks the server for data. @throws AskError */
export function ask<T>(path: string, signal: AbortSignal): Promise<T> {
  return request(path, { signal });
}

/** Asks the server to change something. @throws AskError */
export function send<T>(path: string, value: unknown): Promise<T> {
  return request(path, { method: "POST", body: JSON.stringify(value) });
}

async function request<T>(path: string, options: RequestInit): Promise<T> {
  const headers = {
    authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}`,
    ...(options.body === undefined ? {} : { "content-type": "application/json" }),
  };
  let response: Response;
  try {
    response = await fetch(`/api${path}`, { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new AskError(0, "The server of this page has ended: start parrot ui again");
  }
  const value = (await response.json()) as T & { readonly error?: string };
  if (!response.ok) throw new AskError(response.status, value.error ?? `HTTP ${response.status}`);
  return value;
}
