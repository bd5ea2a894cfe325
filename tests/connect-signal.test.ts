import { AsyncChatRoom, type ConnectOptions, connect, storageJournal } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test, vi } from 'vitest'

/** Starts a server, and returns how to connect to it and who is there. */
async function setUp(scheme: string) {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const ben = await hub.join({ username: 'Ben' })
  const enter = async (options: Partial<ConnectOptions> = {}) => {
    const participant = await connect(url.replace('http', scheme), { username: 'Ada', ...options })
    onTestFinished(() => participant.close())
    return participant
  }
  const present = async () => (await ben.who()).participants.map(({ sender_id }) => sender_id)
  return { enter, present, url }
}

/** Returns a function that opens the same journal each time, as a page does after a reload. */
function journals() {
  const entries = new Map<string, string>()
  const storage = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  }
  return () => storageJournal(storage, 'chat')
}

const schemes = ['http', 'ws']

test.each(schemes)(
  'over %s, an abort in the turn of the call sends nothing and rejects with its reason',
  async scheme => {
    const { enter, present } = await setUp(scheme)
    const controller = new AbortController()
    const fetch = vi.fn(globalThis.fetch)
    const webSocket = vi.fn((url: string) => new WebSocket(url))
    const first = enter({ signal: controller.signal, fetch, webSocket })
    controller.abort(new Error('unmounted'))
    // As React's strict mode does it: effect, cleanup, effect.
    const second = enter({ signal: new AbortController().signal })
    await expect(first).rejects.toThrow('unmounted')
    expect([fetch.mock.calls, webSocket.mock.calls]).toEqual([[], []])
    expect((await second).name).toBe('Ada')
    expect(await present()).toEqual(['Ben', 'Ada'])
    const aborted = enter({ signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
  },
)

test.each(schemes)(
  'over %s, an abort while the join is in progress frees the name, and a new join waits for that',
  async scheme => {
    const { enter, present } = await setUp(scheme)
    for (let turns = 1; turns < 32; turns += 6) {
      const controller = new AbortController()
      const first = enter({ signal: controller.signal }).catch(() => {})
      for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
      controller.abort()
      const second = await enter()
      await first
      expect(await present()).toEqual(['Ben', 'Ada'])
      await second.close()
      await expect.poll(present).toEqual(['Ben'])
    }
  },
)

test.each(schemes)(
  'over %s, an abort leaves the room, and a join under the same name and journal follows at once',
  async scheme => {
    const { enter } = await setUp(scheme)
    const journal = journals()
    const controller = new AbortController()
    const first = await enter({ signal: controller.signal, journal: journal() })
    await first.append('a draft')
    controller.abort()
    const second = await enter({ journal: journal() })
    expect(second.name).toBe('Ada')
    expect((await second.preview()).draft).toBe('a draft')
    expect(first.view.phase).toBe('closed')
    // Also without a signal.
    void second.close()
    expect((await enter({ journal: journal() })).name).toBe('Ada')
  },
)

test('a join under the name of a participant that is leaving waits until it has left', async () => {
  const { enter } = await setUp('http')
  let mayLeave = () => {}
  const leaving = new Promise<void>(resolve => {
    mayLeave = resolve
  })
  const first = await enter({
    async fetch(url, init) {
      if (String(init?.body).includes('"leave"')) await leaving
      return fetch(url, init)
    },
  })
  void first.close()
  const second = enter()
  mayLeave()
  expect((await second).name).toBe('Ada')
})

test('closing takes the listener from a signal that lives longer', async () => {
  const { signal } = new AbortController()
  const added = new Set<unknown>()
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (type: string, listener: never, options: never) => {
    added.add(listener)
    addEventListener.call(signal, type, listener, options)
  }
  signal.removeEventListener = (type: string, listener: never) => {
    added.delete(listener)
    removeEventListener.call(signal, type, listener)
  }
  const ada = await connect('', { username: 'Ada', transport: mockRoom().peer(), signal })
  expect(added.size).toBe(1)
  await ada.close()
  expect(added.size).toBe(0)
})

test('a page that is reloaded comes back with its draft, and reads what it missed', async () => {
  const { enter, url } = await setUp('http')
  const journal = journals()
  const before = await enter({ journal: journal() })
  await before.append('half a ')
  // The page is gone without a word; the new one opens the same storage.
  const after = await enter({ journal: journal() })
  await after.append('sentence')
  const cleo = new AsyncChatRoom({ url, username: 'Cleo' })
  onTestFinished(() => cleo.close())
  await cleo.append('hello')
  expect(await cleo.push()).toBe('')
  expect((await after.check()).messages).toMatchObject([{ content: 'hello' }])
  expect((await after.preview()).draft).toBe('half a sentence')
})
