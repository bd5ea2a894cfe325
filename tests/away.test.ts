import type { TransportHarness } from '@midsentence/conformance'
import { join, type Participant, type VirtualClock, virtualClock } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'
import { sseClientHarness } from '@midsentence/testing/harness/sse-client-harness'
import { wsClientHarness } from '@midsentence/testing/harness/ws-client-harness'
import { type MockPeer, mockRoom } from '@midsentence/transport-mock'
import { describe, expect, onTestFinished, test } from 'vitest'

interface Connections extends Pick<TransportHarness, 'peer' | 'settle' | 'close'> {
  readonly hub: Hub
  readonly clock: VirtualClock
  readonly faults: NonNullable<TransportHarness['faults']>
  pass(ms: number): Promise<void>
}

const overSockets = async (setup: typeof sseClientHarness): Promise<Connections> => {
  const harness = await setup()
  return { ...harness, clock: harness.clock as VirtualClock, hub: harness.server.hub, pass: ms => harness.pass!(ms) }
}

async function inProcess(): Promise<Connections> {
  const clock = virtualClock()
  const room = mockRoom({ clock })
  const inject = (type: 'cut' | 'restore') => (peer: unknown) => (peer as MockPeer).injectFault({ type })
  return {
    clock,
    hub: await room.hub,
    peer: () => room.peer(),
    faults: { cut: inject('cut'), heal: inject('restore') },
    settle: () => clock.advance(100),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}

const transports: [string, () => Promise<Connections>][] = [
  ['server-sent events', () => overSockets(sseClientHarness)],
  ['WebSocket', () => overSockets(wsClientHarness)],
  ['an in-process room', inProcess],
]

const say = async (session: HubSession, text: string) => {
  await session.append({ text })
  expect(await session.push()).toMatchObject({ status: 1 })
}

describe.each(transports)('over %s, a participant without a journal', (_, setup) => {
  /** Ada joins and is cut off. Ben stays. */
  async function cutOff() {
    const connections = await setup()
    onTestFinished(() => connections.close())
    const { hub, clock, faults, settle } = connections
    const peer = connections.peer()
    const joining = join({ transport: peer, username: 'Ada', clock })
    await settle()
    const ada = await joining
    onTestFinished(() => ada.close())
    const ben = await hub.join({ username: 'Ben' })
    const finish = async <A>(call: Promise<A>): Promise<A> => {
      await settle()
      return call
    }
    const away = async (ms: number) => {
      faults.cut(peer)
      await settle()
      for (let left = ms; left > 0; left -= 10_000) {
        await ben.preview()
        await connections.pass(Math.min(left, 10_000))
      }
    }
    const back = async () => {
      faults.heal(peer)
      for (let tried = 0; tried < 50 && ada.view.link.state !== 'up'; tried++) {
        await connections.pass(100)
        await settle()
      }
      expect(ada.view.link.state).toBe('up')
    }
    return { hub, ada, ben, away, back, finish }
  }

  const speak = async ({ ada, finish }: { ada: Participant; finish<A>(call: Promise<A>): Promise<A> }) => ({
    first: await finish(ada.push()),
    second: await finish(ada.push()),
  })

  test('[L1] that was away for 110 s gets what was said, is held once, and keeps its name', async () => {
    const scene = await cutOff()
    const { ada, ben, away, back, finish } = scene
    await ada.append('mid-sentence')
    await away(110_000)
    await say(ben, 'while you were away')
    await back()
    const { first, second } = await speak(scene)
    expect(first).toMatchObject({ status: 0, held: true, messages: [{ content: 'while you were away' }] })
    expect(second).toMatchObject({ status: 1, seq: 2 })
    expect(first).not.toHaveProperty('rejoined')
    expect([ada.name, (await ben.who()).participants.map(({ sender_id }) => sender_id).sort()]).toEqual([
      'Ada',
      ['Ada', 'Ben'],
    ])
    expect(await finish(ada.preview())).toMatchObject({ draft: '', messages: [] })
  })

  test('[A4] whose name was taken meanwhile goes on as Ada-2, and reads so', async () => {
    const scene = await cutOff()
    const { hub, ada, ben, away, back, finish } = scene
    await ada.append('mid-sentence')
    await away(110_000)
    const other = await hub.join({ username: 'Ada' })
    await say(other, 'I am Ada now')
    await back()
    const { first, second } = await speak(scene)
    expect(first).toMatchObject({ held: true, renamed: 'Ada-2', messages: [{ content: 'I am Ada now' }] })
    expect(second).toMatchObject({ status: 1 })
    expect(ada.name).toBe('Ada-2')
    expect((await ben.check()).messages.map(({ sender_id }) => sender_id)).toEqual(['Ada', 'Ada-2'])
    expect(await finish(ada.preview())).not.toHaveProperty('renamed')
  })

  test('[A6] whose session is gone gets what it had received, learns what it missed, and is held once', async () => {
    const scene = await cutOff()
    const { hub, ada, ben, away, back, finish } = scene
    await ada.append('mid-sentence')
    await say(ben, 'received')
    await finish(Promise.resolve())
    expect(ada.view.unseen).toBe(1)
    const { token } = ada.state.session!
    await away(1000)
    await hub.enter(token).leave()
    await say(ben, 'missed')
    await back()
    const { first, second } = await speak(scene)
    expect(first).toMatchObject({
      held: true,
      rejoined: 'session',
      missed: { from: 2, to: 2 },
      messages: [{ seq: 1, content: 'received' }],
    })
    expect(second).toMatchObject({ status: 1, seq: 3 })
    expect(ada.name).toBe('Ada')
  })
})
