import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildPrompt } from './prompt.ts'
import { PromptHistory } from './prompt-history.ts'

const said = (seq: number, content: string, sender_id = 'GPT'): Message => ({
  message_id: `m${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  sender_id,
  content,
  seq,
})

test('a prompt is bounded, ends with a user message, keeps the order, and shows each new message once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.string({ minLength: 1, maxLength: 40 })), { maxLength: 60 }),
      all => {
        const history = new PromptHistory({ messages: 20, characters: 300 })
        const shown: number[] = []
        for (const [at, [own, content]] of all.entries()) {
          if (own) history.addOwn(said(at + 1, content, 'Claude'))
          else history.addAnswer({ status: 1, cursor: at + 1, messages: [said(at + 1, content)] })
          if (at % 7 !== 6) continue
          const prompt = buildPrompt(history, 'Claude')
          expect(prompt.map(({ role }) => role)).toEqual(prompt.map((_, n) => (n % 2 === 0 ? 'user' : 'assistant')))
          expect(prompt.at(-1)?.role).toBe('user')
          expect(history.read.length + history.unread.length).toBeLessThanOrEqual(42)
          shown.push(...history.markShown())
        }
        shown.push(...history.markShown())
        expect(shown).toEqual(all.flatMap(([own], at) => (own ? [] : [at + 1])))
      },
    ),
    { numRuns: 100 },
  )
})

test('a message that arrives after an own one with a higher seq is sorted before it', () => {
  const history = new PromptHistory({ messages: 20, characters: 300 })
  history.addAnswer({ status: 1, cursor: 1, messages: [said(1, 'One.')] })
  history.addOwn(said(3, 'Mine.', 'Claude'))
  history.markShown()
  history.addAnswer({ status: 1, cursor: 3, messages: [said(2, 'Two.')] })
  history.markShown()
  expect(history.read.map(({ message }) => message.content)).toEqual(['One.', 'Two.', 'Mine.'])
  expect(buildPrompt(history, 'Claude').at(-1)).toMatchObject({ role: 'user' })
})
