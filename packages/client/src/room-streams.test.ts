import { defaultPolicy, join, type Message, type PublishRequest, virtualClock } from '@midsentence/core'
import { override } from '@midsentence/testing/override'
import { mockRoom } from '@midsentence/transport-mock'
import { concatMap, filter, type Observable } from 'rxjs'
import { expect, test } from 'vitest'

/** Creates a room with Ada and Ben over simulated links. */
async function setUp() {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5 })
  const peers = { ada: room.peer({ reconnectAfterMs: 50 }), ben: room.peer() }
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(1000)
    return promise
  }
  const [ada, ben] = await soon(
    Promise.all([
      join({ transport: peers.ada, username: 'Ada', clock }),
      join({ transport: peers.ben, username: 'Ben', clock }),
    ]),
  )
  const say = async (who: typeof ada, text: string) => {
    await who.append(text)
    for (let held = true; held; ) held = (await soon(who.push())).status === 0
  }
  return { clock, room, peers, ada: ada!, ben: ben!, soon, say }
}

function collect<T>(stream: Observable<T>) {
  const values: T[] = []
  let complete = false
  stream.subscribe({
    next: value => void values.push(value),
    complete: () => {
      complete = true
    },
  })
  return { values, isComplete: () => complete }
}

const contentsOf = (messages: readonly Message[]) => messages.map(({ seq, content }) => `${seq} ${content}`)

test('messages$ emits every message in order, own ones included, each once', async () => {
  const { room, ada, ben, say } = await setUp()
  const { values } = collect(ada.messages$)
  await say(ada, 'one')
  await say(ben, 'two')
  await say(ada, 'three')
  expect(contentsOf(values)).toEqual(['1 one', '2 two', '3 three'])
  expect(values).toEqual(room.messages)
})

test('messages$ has no gap, duplicate or disorder over cuts, lost, doubled and reordered frames', async () => {
  const { room, peers, ada, ben, say, clock } = await setUp()
  const { values } = collect(ada.messages$)
  for (const fault of ['drop', 'duplicate', 'reorder', 'cut'] as const) {
    peers.ada.injectFault(fault === 'cut' ? { type: 'cut' } : { type: fault, to: 'peer' })
    for (const text of ['a', 'b']) await say(ben, `${fault} ${text}`)
    await clock.advance(2000)
    await say(ada, `${fault} mine`)
  }
  await clock.advance(2000)
  expect(values).toEqual(room.messages)
  expect(values).toHaveLength(12)
})

test('an own message is in messages$ once its push has resolved', async () => {
  const { clock, room, soon } = await setUp()
  const peer = room.peer()
  const later = <A>(value: A) => new Promise<A>(resolve => clock.after(200, () => resolve(value)))
  const transport = override(peer, { inbound$: peer.inbound$.pipe(concatMap(later)) })
  const cleo = await soon(join({ transport, username: 'Cleo', clock }))
  const { values } = collect(cleo.messages$)
  await cleo.append('mine')
  const seen = await soon(cleo.push().then(() => [...values]))
  expect(seen).toEqual(room.messages)
  await clock.advance(1000)
  expect(values).toEqual(room.messages)
})

test('a late subscriber of messages$ gets what came since the join', async () => {
  const { ada, ben, say } = await setUp()
  await say(ben, 'early')
  await say(ada, 'reply')
  expect(contentsOf(collect(ada.messages$).values)).toEqual(['1 early', '2 reply'])
  expect(ada.view.unseen).toBe(0)
})

test.each([true, false])(
  'messages$ includes own messages of a transport without echo; it resumes: %s',
  async resumes => {
    const clock = virtualClock()
    const room = mockRoom({ clock, latency: 5 })
    const { supports } = room.peer()
    const no = { no: 'It cannot.' }
    const peer = room.peer()
    const transport = override(peer, { supports: { ...supports, echo: no, ...(!resumes && { resume: no }) } })
    const inbound$ = peer.inbound$
    const silent = override(transport, {
      inbound$: inbound$.pipe(filter(item => item.type !== 'message' || item.message.sender_id !== 'Ada')),
    })
    const soon = async <A>(promise: Promise<A>): Promise<A> => {
      await clock.advance(1000)
      return promise
    }
    const ada = await soon(join({ transport: silent, username: 'Ada', clock }))
    const ben = await soon(join({ transport: room.peer(), username: 'Ben', clock }))
    const { values } = collect(ada.messages$)
    await ada.append('mine')
    await ben.append('yours')
    await soon(Promise.all([ada.push({ meta: { n: 1 } }), ben.push()]))
    await soon(ben.push())
    expect(values).toEqual(room.messages)
    expect(values).toHaveLength(2)
  },
)

test.each(['verdict', 'echo'])(
  'with a late %s, an echo is no `arrived` event and never counts as unseen',
  async late => {
    const { clock, room, ben, soon, say } = await setUp()
    const peer = room.peer()
    const later = <A>(value: A) => new Promise<A>(resolve => clock.after(200, () => resolve(value)))
    const transport = override(
      peer,
      late === 'verdict'
        ? { publish: async (request: PublishRequest) => later(await peer.publish(request)) }
        : { inbound$: peer.inbound$.pipe(concatMap(later)) },
    )
    const cleo = await soon(join({ transport, username: 'Cleo', clock }))
    const events = collect(cleo.events$)
    const views = collect(cleo.state$)
    const { values } = collect(cleo.messages$)
    await cleo.append('mine')
    const push = cleo.push()
    await clock.advance(100)
    // It waits for the echo before it, so that it is given after the push.
    const yours = say(ben, 'yours')
    await clock.advance(1000)
    expect(await push).toMatchObject({ status: 1, seq: 1 })
    await yours
    await clock.advance(1000)
    const arrived = events.values.filter(event => event.type === 'arrived')
    expect(arrived.map(({ message }) => message.content)).toEqual(['yours'])
    expect(Math.max(...views.values.map(({ unseen }) => unseen))).toBe(1)
    expect(contentsOf(values)).toEqual(['1 mine', '2 yours'])
  },
)

test('[A7] what was said before the join holds no push of a transport that cannot hold', async () => {
  const clock = virtualClock()
  const policy = { ...defaultPolicy, access: () => ({ history: true }) }
  const room = mockRoom({ clock, latency: 5, policy })
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(1000)
    return promise
  }
  const ben = await soon(join({ transport: room.peer(), username: 'Ben', clock }))
  await ben.append('before')
  await soon(ben.push())
  const peer = room.peer()
  const transport = override(peer, { supports: { ...peer.supports, conditional: { no: 'It cannot.' } } })
  const ada = await soon(join({ transport, username: 'Ada', clock, since: 0 }))
  expect(ada.view).toMatchObject({ unseen: 0, cursor: 0 })
  await ada.append('mine')
  expect((await ada.preview()).segments).toEqual([{ length: 4, base: 1 }])
  expect(await soon(ada.push({ base: 0 }))).toMatchObject({ status: 1, seq: 2 })
  expect(room.messages[1]).toMatchObject({ content: 'mine', base: 1 })
})

test('after close, state$, events$ and messages$ complete, also for a later subscriber', async () => {
  const { ada, ben, say, soon } = await setUp()
  await say(ben, 'hello')
  const streams = () => [collect(ada.state$), collect(ada.events$), collect(ada.messages$)] as const
  const before = streams()
  await soon(ada.close())
  const after = streams()
  for (const { isComplete } of [...before, ...after]) expect(isComplete()).toBe(true)
  expect(after[0].values).toMatchObject([{ phase: 'closed' }])
  expect(after[1].values).toEqual([])
  expect(contentsOf(after[2].values)).toEqual(['1 hello'])
})

test('inspect receives the events of the machine', async () => {
  const clock = virtualClock()
  const types = new Set<string>()
  const inspect = (event: { readonly type: string }) => void types.add(event.type)
  const joining = join({ transport: mockRoom({ clock }).peer(), username: 'Ada', clock, inspect })
  await clock.advance(100)
  const ada = await joining
  await ada.append('hello')
  expect([...types]).toEqual(expect.arrayContaining(['@xstate.actor', '@xstate.event', '@xstate.snapshot']))
})
