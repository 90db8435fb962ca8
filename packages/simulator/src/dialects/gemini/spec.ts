import {
  anyFields,
  anything,
  filledText,
  flag,
  integer,
  listOf,
  number,
  object,
  oneOf,
  openObject,
  openObjectWith,
  text,
  type ObjectSpec,
} from "../../validation/body-spec.ts";

const part = object({
  text,
  thought: flag,
  thoughtSignature: text,
  inlineData: object({ mimeType: text, data: text, displayName: text }, ["mimeType", "data"]),
  fileData: object({ mimeType: text, fileUri: text, displayName: text }, ["fileUri"]),
  functionCall: openObjectWith({ name: text }),
  functionResponse: openObjectWith({ name: text }),
  ...anyFields(
    "executableCode codeExecutionResult videoMetadata mediaResolution partMetadata toolCall toolResponse",
  ),
});

const content = object({ role: text, parts: listOf(part) });

/** The body of `:generateContent`. */
export const geminiSpec: ObjectSpec = object(
  {
    contents: listOf(content, 1),
    systemInstruction: content,
    generationConfig: object({
      temperature: number(0, 2),
      topP: number(0, 1),
      topK: integer(),
      maxOutputTokens: integer(1),
      stopSequences: listOf(text, 0, 5),
      seed: integer(),
      candidateCount: integer(),
      responseMimeType: oneOf("application/json", "text/plain", "text/x.enum"),
      responseSchema: openObject,
      responseJsonSchema: anything,
      presencePenalty: number(),
      frequencyPenalty: number(),
      responseLogprobs: flag,
      logprobs: integer(),
      thinkingConfig: object({
        includeThoughts: flag,
        thinkingBudget: integer(),
        thinkingLevel: oneOf("THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"),
      }),
      responseModalities: listOf(text),
      mediaResolution: text,
      ...anyFields("enableEnhancedCivicAnswers imageConfig responseFormat routingConfig speechConfig"),
    }),
    safetySettings: listOf(object({ category: text, threshold: text, method: text })),
    tools: listOf(
      openObjectWith({ functionDeclarations: listOf(openObjectWith({ name: filledText }, ["name"])) }),
    ),
    toolConfig: openObjectWith({
      functionCallingConfig: openObjectWith({
        mode: oneOf("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"),
        allowedFunctionNames: listOf(text),
      }),
    }),
    ...anyFields("cachedContent labels model modelArmorConfig serviceTier store"),
  },
  ["contents"],
);
