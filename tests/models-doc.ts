import { readFileSync } from 'node:fs'
import { type ToolName, toolDefinitions } from '@midsentence/agent/tools'
import { renderAnswer } from '@midsentence/client'
import { type ActionAnswer, type Message, MidsentenceError } from '@midsentence/core'
import { instructions, takePartPrompt } from '@midsentence/mcp'
import {
  buildPrompt,
  emptyText,
  missedText,
  omittedText,
  quietText,
  reviewText,
  systemText,
} from '../packages/agent/src/loop/prompt.ts'
import { PromptHistory } from '../packages/agent/src/loop/prompt-history.ts'
import { failureText, resultText, type WhoToolResult } from '../packages/agent/src/tools/result-text.ts'

/** The document, with everything a model reads put in as the code says it now. */
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
        const takes = Object.entries(properties).map(([key, { description }]) => `\n  - \`${key}\`: ${description}`)
        return `- **${name}**: ${description}${takes.join('')}`
      })
      .join('\n'),
  answers: () =>
    toolCases.map(([what, tool, answer]) => situation(what, resultText(tool, answer, 'Claude'))).join('\n\n'),
  sentences: () => answerCases.map(([what, answer]) => situation(what, renderAnswer(answer, 'Claude'))).join('\n\n'),
  failures: () => failureCases.map(([what, error]) => situation(what, failureText(error))).join('\n\n'),
  loop: () =>
    loopCases()
      .map(([what, text]) => situation(what, text))
      .join('\n\n'),
  mcp: () =>
    [situation('the server, told to the host', instructions), situation('the prompt `take_part`', takePartPrompt)].join(
      '\n\n',
    ),
}

const situation = (what: string, text: string) => `${what}:\n\n\`\`\`text\n${text.replaceAll('```', '` ` `')}\n\`\`\``

const says = (seq: number, sender_id: string, content: string): Message => ({
  message_id: `m${seq}`,
  sender_id,
  content,
  timestamp: '2026-01-01T12:00:00.000Z',
  seq,
})
const hello = says(1, 'GPT', 'Anyone here?')
const more = says(2, 'Ada', 'I have two questions.\nThe first is about tests.')
const rest = { messages: [], cursor: 2 } as const
const sent = { ...rest, status: 1, message_id: 'm3', timestamp: hello.timestamp, seq: 3, durability: 'memory' } as const
const held = { ...rest, status: 0, held: true, suffix: 'and so on', segments: 2 } as const
const appended = { ...rest, status: 1, suffix: 'and so on', accepted: 9, dropped: 0 } as const

const toolCases: readonly (readonly [string, ToolName, ActionAnswer | WhoToolResult])[] = [
  ['append, and nothing new', 'append', appended],
  ['append, and something was said', 'append', { ...appended, messages: [hello, more] }],
  ['undo', 'undo', { ...rest, status: 1, suffix: 'One.' }],
  ['undo of the only part, and reset', 'reset', { ...rest, status: 1, suffix: '' }],
  ['push, sent', 'push', sent],
  ['push, held', 'push', { ...held, messages: [hello] }],
  ['check, and something was said', 'check', { ...rest, status: 1, messages: [hello, more] }],
  ['check, in vain', 'check', { ...rest, status: 0 }],
  ['preview', 'preview', { ...rest, status: 1, draft: 'One.\nTwo.', length: 9, segments: [], suffix: 'One.\nTwo.' }],
  ['who', 'who', { present: ['Ada', 'Claude', 'GPT'], floor: { name: 'Ada', for_ms: 20_000 } }],
]

const answerCases: readonly (readonly [string, ActionAnswer])[] = [
  ['an append that is cut', { ...appended, status: 2, accepted: 1000, dropped: 200 }],
  ['an append to a full draft', { ...appended, status: 0, accepted: 0, dropped: 3 }],
  ['an append of nothing', { ...appended, status: 0, accepted: 0 }],
  ['an undo of nothing', { ...rest, status: 0, suffix: '' }],
  ['a push that is held, and others that came meanwhile were read already', held],
  ['a push that is held while another has the floor', { ...held, floor: { name: 'GPT', for_ms: 40_000 } }],
  [
    'a push that is held, and earns the floor',
    { ...held, messages: [hello], floor: { name: 'Claude', for_ms: 60_000 } },
  ],
  ['a check while one has the floor', { ...rest, status: 0, floor: { name: 'Claude', for_ms: 12_000 } }],
  ['a push in a room that lets messages cross', { ...sent, crossed: [1, 2] }],
  ['a preview of nothing', { ...rest, status: 1, draft: '', length: 0, segments: [], suffix: '' }],
  ['more than one answer can bring', { ...rest, status: 1, messages: [hello], more: true }],
  ['something that nobody can bring any more', { ...rest, status: 1, messages: [more], missed: { from: 1, to: 1 } }],
  ['a room that was restarted', { ...rest, status: 1, messages: [hello], rejoined: true }],
]

const failureCases: readonly (readonly [string, unknown])[] = [
  ['a push of nothing', new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.')],
  ['a wrong argument', new TypeError('append takes a text: what to add to your draft.')],
  ['a fault of ours', new Error('It is undefined.')],
]

function loopCases(): (readonly [string, string])[] {
  const parts = ['The first thing is this.', ' The second thing is']
  const ask = (about: object, arrived: readonly Message[]) =>
    reviewText(arrived, { why: 'interrupted', parts, ...about }, 'Claude')
  const history = new PromptHistory({ messages: 100, characters: 24_000 })
  history.addAnswer({ status: 1, cursor: 2, messages: [hello, more] })
  const shown = buildPrompt(history, 'Claude').map(({ role, content }) => `${role}: ${content}`)
  return [
    ['the system prompt; the persona stands behind it', systemText('Claude', 'You are fond of tests.')],
    ['what was said, as messages of a user; its own are those of an assistant', shown.join('\n')],
    ['nobody has said anything yet, and it begins', emptyText],
    ['it spoke last, and speaks again', quietText],
    ['the past is longer than a prompt', omittedText],
    ['something that nobody can bring any more', missedText({ from: 3, to: 5 })],
    ['interrupted', ask({}, [hello, more])],
    ['held', ask({ why: 'held' }, [hello])],
    ['held, with the floor', ask({ why: 'held', floor: { name: 'Claude', for_ms: 60_000 } }, [hello])],
    ['the connection to the model broke off', ask({ why: 'broken' }, [])],
    ['refused by the room', ask({ why: 'refused', refusal: 'No addresses here.' }, [])],
    [
      'a message that an earlier turn began and could not finish',
      ask({ why: 'left over', parts: parts.slice(0, 1) }, [hello]),
    ],
  ]
}
