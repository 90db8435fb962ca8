/** Writes an entry as it stands in its changeset. All packages have one version, so none tells of the others' versions. */
interface Changeset {
  readonly summary: string;
}

export function getReleaseLine({ summary }: Changeset): string {
  const [first = "", ...rest] = summary.trim().split("\n");
  return [`- ${first}`, ...rest.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
}

export function getDependencyReleaseLine(): string {
  return "";
}
