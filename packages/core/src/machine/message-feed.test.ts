import { expect, test } from 'vitest'
import type { Inbound } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'
import { MessageFeed, type MessageFeedOptions } from './message-feed.ts'

const message = (seq: Seq): Inbound & { readonly type: 'message' } => ({
  type: 'message',
  message: { message_id: `m${seq}`, sender_id: 'Ben', content: '', timestamp: '', seq },
})
const missed = (from: Seq, to: Seq): Inbound => ({ type: 'missed', from, to })
const rejoined = (log: string, cursor: Seq): Inbound => ({
  type: 'rejoined',
  welcome: {
    session: { session_id: 's', token: 't', room: 'lobby', sender_id: 'Ada', log },
    cursor,
    policy: 'hold',
    resumed: false,
  },
})

function feedOf(options: Partial<MessageFeedOptions> = {}) {
  const feed = new MessageFeed({ log: 'l', after: 0, mayBeginEarlier: false, resumes: true, ...options })
  const seen: Message[] = []
  feed.messages$.subscribe(each => void seen.push(each))
  return { feed, seqs: () => seen.map(({ seq }) => seq) }
}

test.each<[string, Partial<MessageFeedOptions>, readonly Inbound[], readonly Seq[]]>([
  ['orders and drops duplicates', {}, [message(2), message(1), message(2), message(3), message(1)], [1, 2, 3]],
  ['waits for a gap', {}, [message(1), message(3)], [1]],
  ['skips a gap that no transport fills', { resumes: false }, [message(1), message(3)], [1, 3]],
  ['skips what is gone', {}, [message(1), message(4), missed(2, 3)], [1, 4]],
  ['begins after the join', { after: 5 }, [message(5), message(6)], [6]],
  [
    'begins with an earlier message',
    { after: 5, mayBeginEarlier: true },
    [message(3), message(4), message(5)],
    [3, 4, 5],
  ],
  ['begins where it was, if there is none', { after: 5, mayBeginEarlier: true }, [message(6), message(4)], [6]],
  ['starts again in another log', {}, [message(1), rejoined('m', 0), message(1)], [1, 1]],
  ['goes on in the same log', {}, [message(1), rejoined('l', 4), message(4), message(5)], [1, 5]],
])('%s', (_, options, items, expected) => {
  const { feed, seqs } = feedOf(options)
  for (const item of items) feed.receive(item, 0)
  expect(seqs()).toEqual(expected)
})

test('asks once for a gap that the inbox does not need', () => {
  const { feed, seqs } = feedOf({ after: 9, mayBeginEarlier: true })
  const asked = [message(2), message(4), message(5)].map(item => feed.receive(item, 9))
  expect(asked).toEqual([undefined, 2, undefined])
  expect(feed.receive(message(3), 9)).toBeUndefined()
  expect(seqs()).toEqual([2, 3, 4, 5])
  expect(feed.receive(message(12), 9)).toBe(5)
})

test('replays the newest 1,000 messages to a late subscriber', () => {
  const { feed } = feedOf()
  for (let seq = 1; seq <= 1500; seq++) feed.receive(message(seq), 0)
  feed.complete()
  const late: Seq[] = []
  feed.messages$.subscribe({ next: ({ seq }) => void late.push(seq), complete: () => void late.push(-1) })
  expect([late.length, late[0], late.at(-2), late.at(-1)]).toEqual([1001, 501, 1500, -1])
})
