import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildPrompt } from './prompt.ts'
import { PromptHistory } from './prompt-history.ts'

const now = Date.UTC(2026, 0, 1)
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
          else history.addAnswer({ status: 1, cursor: at + 1, messages: [said(at + 1, content)] }, now)
          if (at % 7 !== 6) continue
          while (history.isFull) shown.push(...history.markShown())
          const prompt = buildPrompt(history, 'Claude', now)
          expect(prompt.map(({ role }) => role)).toEqual(prompt.map((_, n) => (n % 2 === 0 ? 'user' : 'assistant')))
          expect(prompt.at(-1)?.role).toBe('user')
          expect(history.read.length + history.unread.length).toBeLessThanOrEqual(42)
          shown.push(...history.markShown())
        }
        while (history.unread.length > 0) shown.push(...history.markShown())
        expect(shown).toEqual(all.flatMap(([own], at) => (own ? [] : [at + 1])))
      },
    ),
    { numRuns: 100 },
  )
})

test('shortening shows less each time until one message is left, the newest, and nothing unread is lost', () => {
  const text = fc.string({ minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 20 }),
      fc.array(text, { maxLength: 6 }),
      fc.option(fc.integer({ min: 1, max: 200 })),
      (past, fresh, by) => {
        const history = new PromptHistory({ messages: 100, characters: 10_000 })
        const all = [...past, ...fresh].map((content, at) => said(at + 1, content))
        history.addAnswer({ status: 1, cursor: past.length, messages: all.slice(0, past.length) }, now)
        history.markShown()
        history.addAnswer({ status: 1, cursor: all.length, messages: all.slice(past.length) }, now)
        const size = () => JSON.stringify(buildPrompt(history, 'Claude', now)).length
        let steps = 0
        for (let before = size(); history.shorten(by ?? undefined); before = size(), steps++) {
          // A line about what is left out may come with the first step.
          expect(size()).toBeLessThanOrEqual(before + 120)
          if (steps > 400) throw new Error('Shortening never ends.')
        }
        expect(history.read.at(-1)?.message.seq).toBe(past.length || undefined)
        expect(history.unread.map(({ seq }) => seq)).toEqual(fresh.map((_, at) => past.length + at + 1))
        expect([history.read.length, history.next.length]).toEqual([
          Math.min(past.length, 1),
          Math.min(fresh.length, 1),
        ])
      },
    ),
    { numRuns: 200 },
  )
})

test('a message that arrives after an own one with a higher seq is sorted before it', () => {
  const history = new PromptHistory({ messages: 20, characters: 300 })
  history.addAnswer({ status: 1, cursor: 1, messages: [said(1, 'One.')] }, now)
  history.addOwn(said(3, 'Mine.', 'Claude'))
  history.markShown()
  history.addAnswer({ status: 1, cursor: 3, messages: [said(2, 'Two.')] }, now)
  history.markShown()
  expect(history.read.map(({ message }) => message.content)).toEqual(['One.', 'Two.', 'Mine.'])
  expect(buildPrompt(history, 'Claude', now).at(-1)).toMatchObject({ role: 'user' })
})

test('[X2] new messages are shown prompt by prompt: line breaks of one push no other out, and a prompt is bounded', () => {
  const history = new PromptHistory({ messages: 100, characters: 24_000 })
  const contents = ['\n'.repeat(7000), 'Another one.', '\nx'.repeat(9000), ...Array<string>(150).fill('ok?')]
  const messages = contents.map((content, at) => said(at + 1, content))
  history.addAnswer({ status: 1, cursor: messages.length, messages }, now)
  const prompts: string[] = []
  while (history.unread.length > 0) {
    prompts.push(JSON.stringify(history.next.map(({ seq }) => seq)))
    const text = buildPrompt(history, 'Claude', now)
      .map(({ content }) => content)
      .join('\n')
    expect(text.length).toBeLessThan(60_000)
    expect(text.includes('* More was said than fits here')).toBe(history.isFull)
    history.markShown()
  }
  expect(prompts.join('').replaceAll('][', ',')).toBe(JSON.stringify(messages.map(({ seq }) => seq)))
})

test('a backlog that the model does not answer is left out where it does not fit, up to the message that it answers', () => {
  const history = new PromptHistory({ messages: 20, characters: 300 })
  const isWanted = ({ content }: Message) => content === 'Claude?'
  for (let seq = 1; seq <= 50; seq++) {
    history.addAnswer({ status: 1, cursor: seq, messages: [said(seq, 'no')] }, now)
    history.leaveOut(isWanted)
  }
  expect(history.unread.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 31))
  const messages = Array.from({ length: 30 }, (_, n) => said(n + 51, n ? 'no' : 'Claude?'))
  history.addAnswer({ status: 1, cursor: 60, messages }, now)
  history.leaveOut(isWanted)
  expect(history.next[0]).toMatchObject({ content: 'Claude?' })
  expect(buildPrompt(history, 'Claude', now)[0]).toMatchObject({
    content: expect.stringMatching(/^\* What was said before/),
  })
})

/** A prompt as text, of messages by their age in minutes. */
function promptOf(minutes: readonly number[], earlier: number, own?: number): string {
  const history = new PromptHistory({ messages: 20, characters: 300 })
  const messages = minutes.map((ago, at) => ({
    ...said(at + 1, `${at + 1}`),
    timestamp: new Date(now - ago * 60_000).toISOString(),
  }))
  if (own !== undefined) history.addOwn(said(own, 'Mine.', 'Claude'))
  history.addAnswer({ status: 1, cursor: messages.length, messages, history: earlier }, now)
  return buildPrompt(history, 'Claude', now)
    .map(({ content }) => content)
    .join('\n')
}

test('[X4] a prompt says when new messages were said, where that is not just now', () => {
  expect(promptOf([0, 0], 0)).toBe('GPT: 1\nGPT: 2')
  expect(promptOf([125, 121, 3, 0], 0)).toBe(
    '* This was said 2 hours ago:\nGPT: 1\nGPT: 2\n* This was said 3 minutes ago:\nGPT: 3\n* This was said just now:\nGPT: 4',
  )
  expect(promptOf([3, 0, 0], 0, 3)).toBe(
    [
      '* What was said before this is left out here.\nMine.',
      '* This was said 3 minutes ago, before your last message:\nGPT: 1',
      '* This was said before your last message:\nGPT: 2',
      '* This was said just now:\nGPT: 3',
    ].join('\n'),
  )
})

test('[X4] a prompt says how long before it the messages were said that are older than the model', () => {
  expect(promptOf([125, 121, 0, 0], 3)).toBe(
    '* This was said 2 hours before you came:\nGPT: 1\nGPT: 2\n* This was said before you came:\nGPT: 3\n* Then you came.\nGPT: 4',
  )
})
