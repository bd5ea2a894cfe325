import { expect, test } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import type { RoomRecord } from '../../ports/room-log.ts'
import { AuthorIndex } from './author-index.ts'
import { HistoryReader } from './history-reader.ts'
import { MessageWindow } from './message-window.ts'

/** A room whose texts are all in the log only. `authorOf` and `text` give the author and content of a seq. */
async function roomOf(size: number, authorOf: (seq: number) => string, text = (seq: number) => `${seq}`) {
  const log = memoryLog()
  const authors = new AuthorIndex()
  const records = Array.from({ length: size }, (_, at): RoomRecord => {
    const seq = at + 1
    authors.add(authorOf(seq))
    const message = { message_id: `m${seq}`, sender_id: 'x', content: text(seq), timestamp: '', seq }
    return { type: 'message', message, session: authorOf(seq), push: 0, key: '' }
  })
  await log.append('lobby', records, '0')
  let read = 0
  const counting = {
    ...log,
    messages: async (room: string, after: number, limit: number) => {
      const messages = await log.messages(room, after, limit)
      read += messages.length
      return messages
    },
  }
  const reader = new HistoryReader('lobby', counting, new MessageWindow({ messages: 1, length: 0 }, authors, []))
  const readFor = async (from: number) => {
    read = 0
    const page = await reader.page('ada', from)
    return { page, read }
  }
  return { readFor }
}

test.each([1000, 10_000, 100_000])(
  '[L5] a page of a room of %i messages by its reader costs what it gives',
  async size => {
    const { readFor } = await roomOf(size, seq => (seq === size ? 'ben' : 'ada'))
    for (const from of [0, size >> 1, size - 1]) {
      const { page, read } = await readFor(from)
      expect(page).toMatchObject({ messages: [{ seq: size }], through: size, more: false })
      expect(read).toBe(1)
    }
    // A scan reads them all.
    expect(size - 1).toBeGreaterThan(100)
  },
)

test('[L5] a page of two that take turns is read with the messages in between', async () => {
  const { readFor } = await roomOf(10_000, seq => (seq % 2 ? 'ada' : 'ben'))
  const { page, read } = await readFor(4000)
  expect(page.messages).toHaveLength(100)
  expect(page).toMatchObject({ through: 4201, more: true })
  expect(read).toBeLessThan(260)
})

test('[L5] long texts end the reading of a page, those of its reader too', async () => {
  const long = 'x'.repeat(20_000)
  const ofOthers = await roomOf(
    200,
    () => 'ben',
    () => long,
  )
  const { page, read } = await ofOthers.readFor(0)
  expect(page).toMatchObject({ messages: [{ seq: 1 }], through: 1, more: true })
  expect(read).toBe(8)
  const between = await roomOf(
    1000,
    seq => (seq % 9 ? 'ada' : 'ben'),
    seq => (seq % 9 ? long : 'short'),
  )
  const among = await between.readFor(0)
  expect(among.page.more).toBe(true)
  expect(among.page.messages.length).toBeGreaterThan(0)
  expect(among.read).toBeLessThan(100)
})
