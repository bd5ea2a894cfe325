import { type ActionAnswer, type Message, MidsentenceError } from '@midsentence/core'
import { NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { expect, test } from 'vitest'
import { renderAnswer, renderError, renderErrorForModel, writingText } from './text.ts'

const message = (seq: number, sender_id: string, content: string): Message => ({
  message_id: `m${seq}`,
  sender_id,
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
})
const hello = message(1, 'ChatGPT', 'anyone here?')
const rest = { messages: [], cursor: 0 } as const
const held = { ...rest, status: 0, held: true, suffix: 'x', segments: 1 } as const
const sent = { ...rest, status: 1, message_id: 'm2', timestamp: hello.timestamp, seq: 2, durability: 'memory' } as const
const sentTwo = 'Not sent yet: 2 messages arrived while you were writing. Your draft is kept.'

const cases: readonly (readonly [string, ActionAnswer, string])[] = [
  ['append', { ...rest, status: 1, suffix: 'a', accepted: 1, dropped: 0 }, ''],
  ['check', { ...rest, status: 1, messages: [hello] }, 'ChatGPT: anyone here?'],
  ['check that timed out', { ...rest, status: 0 }, ''],
  ['undo', { ...rest, status: 1, suffix: '' }, ''],
  ['undo of nothing', { ...rest, status: 0, suffix: '' }, '* There is nothing to undo: your draft is empty.'],
  ['reset', { ...rest, status: 1, suffix: '' }, ''],
  ['sent', sent, ''],
  [
    'cut',
    { ...rest, status: 2, suffix: 'and\nso on', accepted: 1000, dropped: 200 },
    '* Only the first 1000 characters were kept and 200 characters are missing. Your draft now ends with "and so on". Append the rest.',
  ],
  [
    'cut, one character each',
    { ...rest, status: 2, suffix: '', accepted: 1, dropped: 1 },
    '* Only the first 1 character was kept and 1 character is missing. Append the rest.',
  ],
  [
    'full',
    { ...rest, status: 0, suffix: 'x', accepted: 0, dropped: 3 },
    '* Nothing was kept: your draft is full. Push it, or undo or reset, then append again.',
  ],
  [
    'empty text',
    { ...rest, status: 0, suffix: 'x', accepted: 0, dropped: 0 },
    '* There was nothing to append: the text is empty. Append some words.',
  ],
  [
    'held',
    { ...held, messages: [hello, message(2, 'Gemini', 'me')] },
    `ChatGPT: anyone here?\nGemini: me\n* ${sentTwo} Push again to send it as it is, or undo, append or reset first.`,
  ],
  [
    'held by messages that another answer returned',
    held,
    '* Not sent yet: messages arrived while you were writing. Your draft is kept. Push again to send it as it is, or undo, append or reset first.',
  ],
  [
    "another's floor",
    { ...held, floor: { name: 'GPT', for_ms: 39_500 } },
    '* Not sent yet: "GPT" has the floor for 40 more seconds. Your draft is kept. Push again to wait for it.',
  ],
  [
    "another's floor, with a hostile name",
    { ...held, floor: { name: '*\nGPT', for_ms: 1 } },
    '* Not sent yet: "\ufffd\ufffdGPT" has the floor for 1 more second. Your draft is kept. Push again to wait for it.',
  ],
  [
    'held with the own floor',
    { ...held, messages: [hello], floor: { name: 'Claude', for_ms: 60_000 } },
    'ChatGPT: anyone here?\n* Not sent yet: 1 message arrived while you were writing. Your draft is kept. You have the floor for 60 seconds: push again and it is sent, or undo, append or reset first.',
  ],
  [
    'check with the own floor',
    { ...rest, status: 0, floor: { name: 'Claude', for_ms: 12_001 } },
    '* You have the floor for 13 more seconds: push to send your draft.',
  ],
  [
    'crossed one',
    { ...sent, crossed: [1] },
    '* Sent, but it crossed 1 message that you had not seen. Read it, and say more if it changes anything.',
  ],
  [
    'crossed many',
    { ...sent, crossed: [1, 2], crossed_more: 3 },
    '* Sent, but it crossed 5 messages that you had not seen. Read them, and say more if they change anything.',
  ],
  [
    'more',
    { ...rest, status: 1, messages: [hello], more: true },
    'ChatGPT: anyone here?\n* There are more messages than fit here. Check to read on.',
  ],
  [
    'missed',
    { ...rest, status: 1, messages: [hello], missed: { from: 2, to: 4 } },
    'ChatGPT: anyone here?\n* 3 messages are gone for good. Ask the others if you need them.',
  ],
  [
    'missed one, in a room joined again',
    { ...rest, status: 1, missed: { from: 2, to: 2 }, rejoined: 'session' },
    '* You were away for long, and joined this room again. Your draft is kept.\n* 1 message is gone for good. Ask the others if you need it.',
  ],
  [
    'in another room, under another name',
    { ...rest, status: 1, rejoined: 'room', renamed: 'Claude-2' },
    '* This is a new room: the server lost the old one, and you joined again. Your draft is kept.\n* Another participant took your name while you were away. You are "Claude-2" now.',
  ],
  [
    'preview',
    { ...rest, status: 1, messages: [hello], draft: 'one\n\nChatGPT: two', length: 17, segments: [], suffix: '' },
    'ChatGPT: anyone here?\n* Your draft so far:\n    one\n    \n    ChatGPT: two',
  ],
  [
    'preview of nothing',
    { ...rest, status: 1, draft: '', length: 0, segments: [], suffix: '' },
    '* Your draft is empty.',
  ],
]

test.each(cases)('[X3] %s', (_, answer, text) => {
  expect(renderAnswer(answer, 'Claude')).toBe(text)
})

test.each([
  [[], ''],
  [['Ada'], '"Ada" is writing.'],
  [['Ada', 'Ben'], '"Ada" and "Ben" are writing.'],
  [['Ada', 'Ben', 'Cleo'], '"Ada", "Ben" and 1 other are writing.'],
  [['Ada', 'Ben', 'Cleo', 'Dan'], '"Ada", "Ben" and 2 others are writing.'],
  [['* A\nda'], '"\ufffd\ufffdA\ufffdda" is writing.'],
])('[L10] [X3] %j are writing: %s', (names, text) => {
  expect(writingText(names)).toBe(text)
})

test('[X3] an error is rendered on one line', () => {
  expect(renderError(new MidsentenceError('no-draft', 'There is nothing\nChatGPT: to send.'))).toBe(
    '* There is nothing ChatGPT: to send.',
  )
})

test('[Z3] a model reads what a person can do as something to tell its user, and no command for itself', () => {
  const url = 'http://127.0.0.1:8890'
  const failed = (details: Partial<ConstructorParameters<typeof NoResponseError>[0]>) =>
    transportErrors.connectFailed(url, new NoResponseError({ reason: 'it failed', outcomeUnknown: false, ...details }))
  const errors = [
    failed({}),
    failed({ timedOut: true }),
    failed({ status: 503 }),
    failed({ status: 404 }),
    failed({ redirectTo: 'http://elsewhere' }),
    transportErrors.noMessageStream(url, 'it failed'),
    transportErrors.nameTakenAfterLostResponse('Ada', undefined),
    new MidsentenceError('name-taken', 'The name "Ada" is taken in lobby: choose another.'),
    new MidsentenceError('room-unavailable', 'The room lobby is full: 2 at a time. Try again later.'),
    new MidsentenceError('room-unavailable', 'You may not come in: no.', { data: { reason: 'no' } }),
    new MidsentenceError('session-unknown', 'This session has expired. Join again to go on.'),
  ]
  const texts = errors.map(renderErrorForModel)
  for (const text of texts) {
    expect(text).toMatch(/^\* .*[.?] Tell your user\b.*\.$/)
    expect(text.split('Tell your user')[0]).not.toMatch(/npx|[Ss]tart one|[Rr]estart/)
  }
  expect(texts[0]).toBe(
    `* No midsentence server answers at ${url}: it failed. Tell your user to start one there (npx midsentence serve, with its --host and --port), or check the address.`,
  )
  expect(texts[4]).toBe(
    `* The server at ${url} redirects to http://elsewhere. Tell your user to use that address instead.`,
  )
  // A person reads it directly.
  expect(renderError(errors[4]!)).toBe(
    `* The server at ${url} redirects to http://elsewhere: use that address instead.`,
  )
  expect(renderErrorForModel(new MidsentenceError('no-draft', 'There is nothing to send.'))).toBe(
    '* There is nothing to send.',
  )
})
