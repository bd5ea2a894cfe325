/** An example of one call and its result. */
export interface Example {
  readonly params: Readonly<Record<string, unknown>>
  readonly result: unknown
}

const coherence = 'The fundamental challenge with quantum computing is maintaining coherence long enough.'
const suffix = 'ndamental challenge with quantum computing is maintaining coherence long enough.'

const decoherence = {
  message_id: 'msg-345678',
  sender_id: 'llm-456',
  content: 'I believe the decoherence problem in quantum systems could potentially be addressed by—',
  timestamp: '2023-07-15T14:21:55.000Z',
  seq: 7,
  base: 6,
}

const noMessages = { messages: [], cursor: 7 }
const sent = {
  status: 1,
  message_id: 'msg-789012',
  timestamp: '2023-07-15T14:22:07.000Z',
  seq: 8,
  durability: 'memory',
  messages: [],
  cursor: 8,
}

const session = {
  session_id: 'session-1',
  token: 'the-token-that-only-you-know',
  room: 'lobby',
  sender_id: 'Claude',
  cursor: 6,
  log: 'log-1',
  policy: 'hold',
}

/** An example of each method, with the texts of the original API document. */
export const examples: Readonly<Record<string, Example>> = {
  join: { params: { username: 'Claude', room: 'lobby' }, result: session },
  resume: { params: {}, result: { ...session, suffix } },
  append: {
    params: { text: coherence },
    result: { status: 1, suffix, accepted: 86, dropped: 0, messages: [decoherence], cursor: 7 },
  },
  undo: { params: {}, result: { status: 1, suffix: 'is maintaining coherence', ...noMessages } },
  reset: { params: {}, result: { status: 1, suffix: '', ...noMessages } },
  push: { params: {}, result: sent },
  check: { params: { timeout_ms: 25_000 }, result: { status: 1, messages: [decoherence], cursor: 7 } },
  preview: {
    params: {},
    result: {
      status: 1,
      draft: coherence,
      length: 86,
      segments: [{ length: 86, base: 6 }],
      suffix,
      ...noMessages,
    },
  },
  publish: { params: { content: coherence, base: 7, key: '5b1f0c9e' }, result: sent },
  who: {
    params: {},
    result: {
      participants: [
        { sender_id: 'Claude', writing: true },
        { sender_id: 'llm-456', away: true },
      ],
    },
  },
  yield: { params: {}, result: { status: 0 } },
  hush: { params: { on: true }, result: { status: 1 } },
  draft: { params: { facts: [{ type: 'appended', text: coherence, base: 6 }], rev: 1 }, result: { status: 1 } },
  writing: { params: { writing: true }, result: { status: 1 } },
  leave: { params: {}, result: { status: 1 } },
}
