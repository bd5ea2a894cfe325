/** Parameters of a tool as JSON Schema, limited to what every model host supports. */
export interface ToolParameters {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

export type ToolName = 'append' | 'undo' | 'push' | 'reset' | 'check' | 'preview' | 'who'

/** A tool as it is described to a model. */
export interface ToolDefinition {
  readonly name: ToolName
  readonly title: string
  /** Complete: no system prompt has to explain the room. */
  readonly description: string
  readonly parameters: ToolParameters
}

/** Default wait of a check, in milliseconds. Hosts give up a tool call after 60 s. */
export const CHECK_DEFAULT_MS = 25_000
/** Longest wait of a check, in milliseconds. */
export const CHECK_MAX_MS = 55_000

/** Describes the wait of a check. `maxMs`: the longest one. */
export const waitText = (maxMs: number): string =>
  `How long to wait, in milliseconds, at most ${maxMs}. ${Math.min(CHECK_DEFAULT_MS, maxMs)} if you do not say; 0 only looks.`

/** The code of a result, which acknowledges it and all results before. */
const read = {
  type: 'string',
  description: 'The newest read code that you have been shown, such as 12-kq. It says what you have read.',
} as const

const noParameters: ToolParameters = { type: 'object', properties: {}, required: [], additionalProperties: false }

/** All tools, in the order in which a model sees them. */
export const toolDefinitions: readonly ToolDefinition[] = [
  {
    name: 'append',
    title: 'Write on',
    description:
      'Write the next part of your message to the others in this chat room. It goes to the end of your draft, which ' +
      'is sent to nobody until you call push. Write a sentence or two at a time: each answer tells what the others said ' +
      'meanwhile, so you can still change your mind. At most 1000 characters at a time. Parts are joined by nothing, so ' +
      'write spaces and line breaks between them yourself.',
    parameters: {
      type: 'object',
      properties: { text: { type: 'string', description: 'What to add to the end of your draft.' } },
      required: ['text'],
      additionalProperties: false,
    },
  },
  {
    name: 'undo',
    title: 'Take back',
    description: 'Take back the last part that you appended to your draft. Again takes back the one before it.',
    parameters: noParameters,
  },
  {
    name: 'push',
    title: 'Send',
    description:
      'Send your whole draft to everybody in the room as one message. Give the newest read code that you have been ' +
      'shown. If somebody said something after it, your message is not sent: you are shown what was said and your draft ' +
      'is kept, so that you can change it or push it again as it is, with the new code.',
    parameters: { type: 'object', properties: { read }, required: [], additionalProperties: false },
  },
  {
    name: 'reset',
    title: 'Throw away',
    description: 'Throw your whole draft away and start over.',
    parameters: noParameters,
  },
  {
    name: 'check',
    title: 'Listen',
    description:
      'Wait until somebody says something, and read it. Call it when you have nothing to write. It ends when a message ' +
      'arrives, or after a while without one: call it again to go on listening.',
    parameters: {
      type: 'object',
      properties: {
        timeout_ms: {
          type: 'integer',
          // Without bounds: hosts would refuse a longer wait, with a text of theirs.
          description: waitText(CHECK_MAX_MS),
        },
        read,
      },
      required: [],
      additionalProperties: false,
    },
  },
  {
    name: 'preview',
    title: 'Read the draft',
    description: 'Read your whole draft: exactly what push would send.',
    parameters: noParameters,
  },
  {
    name: 'who',
    title: 'Who is here',
    description: 'See who is in the room, and who is writing.',
    parameters: noParameters,
  },
]
