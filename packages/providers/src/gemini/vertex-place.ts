import type { BaseUrl } from "../request/base-url.ts";

/** Where a model of Vertex AI is. */
export interface VertexPlace {
  readonly project: string;
  readonly location: string;
}

/** Finds the place: among the options, else in the address, else in the environment. */
export function vertexPlace(given: Partial<VertexPlace>, address: BaseUrl | undefined): VertexPlace {
  const named = namedPlace(address);
  return {
    project: given.project ?? named.project ?? process.env["GOOGLE_CLOUD_PROJECT"] ?? "",
    location: given.location ?? named.location ?? (process.env["GOOGLE_CLOUD_LOCATION"] || "global"),
  };
}

/** What a person is told of a project or a location in the address, which may be another one than they think of. */
export function placeNotes(address: BaseUrl | undefined, place: VertexPlace): readonly string[] {
  const named = namedPlace(address);
  return (["project", "location"] as const).flatMap((part) => {
    if (named[part] === undefined) return [];
    if (named[part] === place[part]) return [`The ${part} ${place[part]} is taken from the base URL`];
    return [`The base URL names the ${part} ${named[part]}, but the ${part} ${place[part]} is asked`];
  });
}

const HOST = /^([a-z\d-]+)-aiplatform\.googleapis\.com$|^aiplatform\.(us|eu)\.rep\.googleapis\.com$/;

/** The path may name a project and a location, and so may Google's host the location. */
function namedPlace(address: BaseUrl | undefined): Partial<VertexPlace> {
  if (address === undefined) return {};
  const project = /\/projects\/([^/?]+)/.exec(address.given)?.[1];
  const [, region, area] = HOST.exec(new URL(address.url).hostname) ?? [];
  const location = /\/locations\/([^/?]+)/.exec(address.given)?.[1] ?? region ?? area;
  return { ...(project === undefined ? {} : { project }), ...(location === undefined ? {} : { location }) };
}
