import { mentions } from '@midsentence/client'
import type { Message } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type Attention, type AttentionPreset, matchesAttention, resolveAttention } from './attention.ts'
import { isBackchannel } from './backchannel.ts'

const says = (content: string, sender_id: string, model: boolean): Message => ({
  content,
  sender_id,
  message_id: 'm',
  timestamp: '2026-01-01T00:00:00.000Z',
  seq: 1,
  ...(model && { meta: { by: 'model' } }),
})
const heard = {
  person: says('Let us begin with the tests.', 'Ada', false),
  question: says('Shall we begin?', 'GPT', true),
  named: says('That is for claude, I think.', 'GPT', true),
  model: says('I will do that.', 'GPT', true),
  ok: says('ok thanks', 'Ada', false),
}

test.each<[AttentionPreset, readonly (keyof typeof heard)[]]>([
  ['everybody', ['person', 'question', 'named', 'model']],
  ['everything', ['person', 'question', 'named', 'model', 'ok']],
  ['people', ['person', 'named']],
  ['mentions', ['named']],
  ['questions', ['question', 'named']],
  ['nobody', []],
])('%s', (name, claiming) => {
  const found = Object.entries(heard).filter(([, message]) =>
    matchesAttention(resolveAttention(name), message, 'Claude'),
  )
  expect(found.map(([kind]) => kind)).toEqual(claiming)
})

test('rules are data: names and models match, and all conditions must hold', () => {
  const claimed = (attention: Attention) =>
    Object.entries(heard).flatMap(([kind, message]) => (matchesAttention(attention, message, 'Claude') ? [kind] : []))
  expect(claimed([{ from: ['ada'] }])).toEqual(['person'])
  expect(claimed([{ from: ['ADA'], backchannels: true }])).toEqual(['person', 'ok'])
  expect(claimed([{ from: 'models', what: 'question' }])).toEqual(['question'])
  expect(claimed([{ from: 'people', what: 'question' }])).toEqual([])
})

test('a mention is the name as a whole word', () => {
  expect(mentions('Well, GPT-4, what now?', 'gpt-4')).toBe(true)
  expect(mentions('@Ada: yes', 'Ada')).toBe(true)
  expect(mentions('The adapter is new.', 'Ada')).toBe(false)
  expect(mentions('C++ (or so)', 'C++')).toBe(true)
  expect(mentions('你好 小明 你在吗', '小明')).toBe(true)
})

test.each(['ok', 'Ok!', 'yeah, right', 'I see.', '👍', 'mhm…', 'thank you', '对'])('%j is a backchannel', text => {
  expect(isBackchannel(text)).toBe(true)
})

test.each(['ok?', 'stop', 'no, that is wrong', 'yes, but why', 'I see a problem', 'good good good good good good'])(
  '%j is not a backchannel',
  text => {
    expect(isBackchannel(text)).toBe(false)
  },
)
