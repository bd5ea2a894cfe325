/** A call of a tool by the scripted model. */
export interface ModelCall {
  readonly id: string
  /** As the host shows it to the model. */
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

/** One answer of the scripted model: calls of tools, or a text, which ends the host's turn. */
export type ModelAnswer = { readonly calls: readonly ModelCall[] } | { readonly text: string }

/** A tool as a host shows it to its model. */
export interface ShownTool {
  readonly name: string
  readonly description: string
}

/** What a host shows its model in one request. */
export interface ShownRequest {
  readonly tools: readonly ShownTool[]
  /** The results of tools since the model's last answer, as the model reads them, in the order of its calls. */
  readonly results: readonly string[]
}

/** The API of a model: reads a host's request and writes the answer as server-sent events. */
export interface ModelApi {
  /** Returns undefined for requests that are no prompt. */
  read(path: string, body: unknown): ShownRequest | undefined
  /** The data of the events, in order, with their types where the API has them. */
  write(answer: ModelAnswer): readonly { readonly event?: string; readonly data: unknown }[]
}

/** Returns the text of a content that is a string or a list of parts; parts that are not text as JSON. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content)
  return content.map(part => (typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
}
