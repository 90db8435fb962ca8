/** Where a server is, without what may be secret in its address; `undefined` for a model in the process. */
export function serverOrigin(baseUrl: string | undefined): string | undefined {
  return baseUrl === undefined || !URL.canParse(baseUrl) ? undefined : new URL(baseUrl).origin;
}
