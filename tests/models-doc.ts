import { readFileSync } from 'node:fs'
import {
  buildPrompt,
  emptyText,
  failureText,
  hushEndedText,
  missedText,
  omittedText,
  PromptHistory,
  quietText,
  resultText,
  reviewText,
  systemText,
  type ToolData,
} from '@midsentence/agent/model-texts'
import { StartNotices, type ToolName, toolDefinitions } from '@midsentence/agent/tools'
import { type ReadingTime, renderAnswer } from '@midsentence/client'
import { type ActionAnswer, type Message, MidsentenceError } from '@midsentence/core'
import { NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { instructions, takePartPrompt } from '@midsentence/mcp'

/** Returns the document with its generated parts updated. */
export function modelsDocument(file: string): string {
  const text = readFileSync(file, 'utf8')
  return text.replace(
    /(<!-- ([a-z]+): made from the code -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, part: string, end: string) => `${begin}\n${parts[part]!()}\n\n${end}`,
  )
}

const parts: Readonly<Record<string, () => string>> = {
  tools: () =>
    toolDefinitions
      .map(({ name, description, parameters: { properties } }) => {
        const list = Object.entries(properties).map(([key, { description }]) => `\n  - \`${key}\`: ${description}`)
        return `- **${name}**: ${description}${list.join('')}`
      })
      .join('\n'),
  answers: () =>
    toolCases.map(([title, tool, answer]) => section(title, resultText(tool, answer, 'Claude', reading))).join('\n\n'),
  sentences: () =>
    answerCases.map(([title, answer]) => section(title, renderAnswer(answer, 'Claude', reading))).join('\n\n'),
  times: () =>
    timeCases.map(([title, answer, when]) => section(title, renderAnswer(answer, 'Claude', when))).join('\n\n'),
  failures: () => failureCases.map(([title, error]) => section(title, failureText(error))).join('\n\n'),
  loop: () =>
    loopCases()
      .map(([title, text]) => section(title, text))
      .join('\n\n'),
  mcp: () =>
    [section('the instructions for the host', instructions), section('the prompt `take_part`', takePartPrompt)].join(
      '\n\n',
    ),
}

const section = (title: string, text: string) => `${title}:\n\n\`\`\`text\n${text.replaceAll('```', '` ` `')}\n\`\`\``

const message = (seq: number, sender_id: string, content: string): Message => ({
  message_id: `m${seq}`,
  sender_id,
  content,
  timestamp: '2026-01-01T12:00:00.000Z',
  seq,
})
/** When the messages are read: at once. */
const now = Date.parse('2026-01-01T12:00:00.000Z')
const reading: ReadingTime = { now, lastOwn: 0 }
const hours = (n: number) => n * 3_600_000
const hello = message(1, 'GPT', 'Anyone here?')
const more = message(2, 'Ada', 'I have two questions.\nThe first is about tests.')
const base = { messages: [], cursor: 2 } as const
const sent = { ...base, status: 1, message_id: 'm3', timestamp: hello.timestamp, seq: 3, durability: 'memory' } as const
const held = { ...base, status: 0, held: true, suffix: 'and so on', segments: 2 } as const
const appended = { ...base, status: 1, suffix: 'and so on', accepted: 9, dropped: 0 } as const

const start = new StartNotices({ name: 'Claude-2', askedName: 'Claude', segments: 2, suffix: 'I was about to' })

const toolCases: readonly (readonly [string, ToolName, ToolData])[] = [
  ['append, without new messages', 'append', appended],
  ['append, with new messages', 'append', { ...appended, messages: [hello, more] }],
  [
    'append, as the first call after a start, with another name than the settings have and a draft from before',
    'append',
    { ...appended, notices: start.of('append', appended) },
  ],
  ['undo', 'undo', { ...base, status: 1, suffix: 'One.' }],
  ['undo of the only part, or reset', 'reset', { ...base, status: 1, suffix: '' }],
  ['push, sent', 'push', sent],
  ['push, held', 'push', { ...held, messages: [hello] }],
  ['check, with new messages', 'check', { ...base, status: 1, messages: [hello, more] }],
  ['check, without new messages', 'check', { ...base, status: 0 }],
  ['check, without new messages while another participant writes', 'check', { ...base, status: 0, writing: ['Ada'] }],
  ['append, while a person silences the models of the room', 'append', { ...appended, hushed: true }],
  ['check, which ends when the person lifts that', 'check', { ...base, status: 0, hushed: false }],
  ['preview', 'preview', { ...base, status: 1, draft: 'One.\nTwo.', length: 9, segments: [], suffix: 'One.\nTwo.' }],
  [
    'who',
    'who',
    { present: ['Ada', 'Claude', 'GPT'], writing: ['Ada', 'GPT'], floor: { name: 'Ada', for_ms: 20_000 } },
  ],
]

const answerCases: readonly (readonly [string, ActionAnswer])[] = [
  ['an append that is cut', { ...appended, status: 2, accepted: 1000, dropped: 200 }],
  ['an append to a full draft', { ...appended, status: 0, accepted: 0, dropped: 3 }],
  ['an append of an empty text', { ...appended, status: 0, accepted: 0 }],
  ['an undo of an empty draft', { ...base, status: 0, suffix: '' }],
  ['a push that is held, after the new messages were read', held],
  ['a push that is held while another participant has the floor', { ...held, floor: { name: 'GPT', for_ms: 40_000 } }],
  [
    'a push that is held and earns the floor',
    { ...held, messages: [hello], floor: { name: 'Claude', for_ms: 60_000 } },
  ],
  ['a check with the floor', { ...base, status: 0, floor: { name: 'Claude', for_ms: 12_000 } }],
  ['a push in a room that lets messages cross', { ...sent, crossed: [1, 2] }],
  ['a preview of an empty draft', { ...base, status: 1, draft: '', length: 0, segments: [], suffix: '' }],
  ['more messages than fit one answer', { ...base, status: 1, messages: [hello], more: true }],
  ['messages that are no longer kept', { ...base, status: 1, messages: [more], missed: { from: 1, to: 1 } }],
  ['a session that the server did not know any more', { ...base, status: 1, messages: [hello], rejoined: 'session' }],
  ['a room that the server lost', { ...base, status: 1, messages: [hello], rejoined: 'room' }],
  ['a name that another took', { ...base, status: 1, messages: [hello], renamed: 'Claude-2' }],
  ['what was said before it came, and since', { ...base, status: 1, messages: [hello, more], history: 1 }],
  ['the first answer in a recorded room', { ...base, status: 1, suffix: '', observable: true, recorded: true }],
  ['the first answer in an observable room', { ...base, status: 1, suffix: '', observable: true }],
]

const timeCases: readonly (readonly [string, ActionAnswer, ReadingTime])[] = [
  [
    'messages of two hours ago, and one of this minute',
    { ...base, status: 1, messages: [hello, more, { ...hello, timestamp: '2026-01-01T14:30:00.000Z' }] },
    { now: now + hours(2.5), lastOwn: 0 },
  ],
  [
    'a push that crossed a message, in a room that lets messages cross',
    { ...sent, messages: [hello], crossed: [1] },
    { now, lastOwn: 3 },
  ],
  [
    'what was said before it came, and since',
    { ...base, status: 1, messages: [hello, { ...more, timestamp: '2026-01-01T14:30:00.000Z' }], history: 1 },
    { now: now + hours(2.5), lastOwn: 0 },
  ],
]

const failureCases: readonly (readonly [string, unknown])[] = [
  [
    'a push of an empty draft',
    new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.'),
  ],
  [
    'no server',
    transportErrors.connectFailed(
      'http://127.0.0.1:8890',
      new NoResponseError({ reason: 'the machine cannot be reached (ETIMEDOUT)', outcomeUnknown: false }),
    ),
  ],
  [
    'a server with a password',
    new MidsentenceError('room-unavailable', 'You may not come in: the password is wrong.', {
      data: { reason: 'the password is wrong' },
    }),
  ],
  ['a wrong argument', new TypeError('append takes a text: what to add to your draft.')],
  ['an internal error', new Error('It is undefined.')],
]

function loopCases(): (readonly [string, string])[] {
  const parts = ['The first thing is this.', ' The second thing is']
  const review = (about: object, arrived: readonly Message[]) =>
    reviewText(arrived, { why: 'interrupted', parts, ...about }, 'Claude', reading)
  const history = new PromptHistory({ messages: 100, characters: 24_000 })
  history.addAnswer({ status: 1, cursor: 2, messages: [hello, more] }, now)
  const promptOf = (of: PromptHistory, at = now) =>
    buildPrompt(of, 'Claude', at)
      .map(({ role, content }) => `${role}: ${content}`)
      .join('\n')
  const since = new PromptHistory({ messages: 100, characters: 24_000 })
  since.addAnswer({ status: 1, cursor: 2, messages: [hello, more], history: 1 }, now + hours(2))
  const late = new PromptHistory({ messages: 100, characters: 24_000 })
  late.addAnswer({ status: 1, cursor: 2, messages: [hello] }, now)
  return [
    ['the system prompt, followed by the persona', systemText('Claude', 'You are fond of tests.')],
    ['the system prompt in a recorded room', systemText('Claude', '', { observable: true, recorded: true })],
    ['the system prompt in an observable room', systemText('Claude', '', { observable: true })],
    ['messages of others, with the role of the user; its own have the role of the assistant', promptOf(history)],
    ['a new message that is three hours old', promptOf(late, now + hours(3))],
    ['messages from before it came', promptOf(since)],
    ['an empty room, in which the model begins', emptyText],
    ['a turn after its own message', quietText],
    ['a history that is longer than the prompt', omittedText],
    ['messages that are no longer kept', missedText({ from: 3, to: 5 })],
    ['after a person had silenced the models of the room', hushEndedText],
    ['interrupted', review({}, [hello, more])],
    ['held', review({ why: 'held' }, [hello])],
    ['held, with the floor', review({ why: 'held', floor: { name: 'Claude', for_ms: 60_000 } }, [hello])],
    ['the connection to the model was lost', review({ why: 'broken' }, [])],
    ['refused by the room', review({ why: 'refused', refusal: 'No addresses here.' }, [])],
    [
      'a message that an earlier turn could not finish',
      review({ why: 'left over', parts: parts.slice(0, 1) }, [hello]),
    ],
  ]
}
