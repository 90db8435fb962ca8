import assert from "node:assert/strict";
import type { RegisterTest } from "@parallel-parrot/core/testing";
import type { ImagePart } from "@parallel-parrot/core";
import { isPromptError } from "../request/prompt-error.ts";
import type { Call, ProviderRequest } from "../provider.ts";
import { CALL, NONE, SECRET, stringsIn } from "./samples.ts";
import type { ProviderSpec } from "./spec.ts";

/** One transparent pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** Tests that images are sent in the ways that the adapter names, and in no other. */
export function testImages(it: RegisterTest, spec: ProviderSpec): void {
  const provider = spec.provider(SECRET);
  const build = (call: Call): ProviderRequest => provider.buildRequest(call, NONE);

  it("sends images in the ways that it names, and refuses others before anything is sent", async () => {
    const [last] = CALL.prompt.messages.slice(-1);
    assert.ok(last !== undefined);
    const withImage = (image: ImagePart): Call => ({
      ...CALL,
      prompt: { messages: [...CALL.prompt.messages.slice(0, -1), { ...last, images: [image] }] },
    });
    const images = {
      url: { url: "https://images.example/one.png" },
      data: { mediaType: "image/png", data: PNG },
    };
    for (const [source, needle] of [
      ["url", images.url.url],
      ["data", PNG],
    ] as const) {
      const call = withImage(images[source]);
      if (provider.capabilities.images.includes(source)) {
        const strings = stringsIn(JSON.parse(build(call).body));
        assert.ok(
          strings.some((text) => text.includes(needle)),
          `the image by ${source} is not sent`,
        );
        assert.ok(strings.includes(last.content), "the text beside an image is missing or changed");
      } else {
        assert.throws(
          () => build(call),
          isPromptError,
          `an image by ${source} is no PromptError, although capabilities.images says that none is taken`,
        );
      }
    }
    const messages = [...CALL.prompt.messages.slice(0, -1), { ...last, images: [] }];
    const isSame = build({ ...CALL, prompt: { messages } }).body === build(CALL).body;
    assert.ok(isSame, "an empty list of images changes the request");
  });
}
