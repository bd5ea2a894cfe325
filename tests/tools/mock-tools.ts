import { type RoomTools, roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import type { ToolsHarness } from '@midsentence/conformance'
import {
  defaultPolicy,
  defaultRoomSettings,
  join,
  type Policy,
  type VirtualClock,
  virtualClock,
} from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'

/** A room where no floor is earned, so that each push is judged by what its author has read. */
export const withoutFloors: Policy = {
  ...defaultPolicy,
  room: () => ({ ...defaultRoomSettings, holds_for_floor: 1000 }),
}

/** Runs the tools of `room` as an SDK or a host does. */
export type Binding = (room: AsyncChatRoom, clock: VirtualClock) => BoundTools | Promise<BoundTools>

interface BoundTools extends Pick<ToolsHarness, 'call' | 'callAll'> {
  /** Begins the next turn of the model. Absent: each call is a turn. */
  readonly beginTurn?: () => void
  /** The binding tells turns by their time: `clock`. */
  readonly timed?: true
  close?(): Promise<void>
}

/** Lets promises, messages and immediates of this process run. */
const soon = () => new Promise<void>(resolve => setImmediate(resolve))

/** Makes harnesses with tools in a room of this process, over virtual time. */
export const toolsIn = (binding: Binding) => async (): Promise<ToolsHarness> => {
  // The time of turns and that of the connection are apart, so that a turn lasts as long as the kit says.
  const [clock, turnClock] = [virtualClock(), virtualClock()]
  const room = mockRoom({ clock, policy: withoutFloors })
  const advancing = async <A>(promise: Promise<A>): Promise<A> => {
    let ended = false
    const end = () => {
      ended = true
    }
    promise.then(end, end)
    for (let steps = 0; !ended; steps++) {
      await clock.advance(steps < 20 ? 1 : 100)
      if (steps > 2) await soon()
    }
    return promise
  }
  const ada = await advancing(join({ transport: room.peer(), username: 'Ada', clock }))
  const client = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude', clock })
  const { call, callAll, beginTurn, timed, close } = await binding(client, turnClock)
  const nextTurn = async () => {
    beginTurn?.()
    if (timed) await turnClock.advance(1000)
  }
  return {
    // The time of a call that can be cancelled does not pass: it waits until it is.
    call: (tool, args, signal) => (signal ? call(tool, args, signal) : advancing(call(tool, args))),
    ...(callAll && { callAll: requests => advancing(callAll(requests)) }),
    ...((beginTurn || timed) && { nextTurn }),
    say: async text => {
      await advancing(ada.append(text))
      await advancing(ada.push())
    },
    sent: async () => room.messages.filter(({ sender_id }) => sender_id === 'Claude').map(({ content }) => content),
    settle: async () => {
      await soon()
      await clock.advance(20)
      await soon()
    },
    close: async () => {
      await advancing(Promise.all([close?.(), ada.close(), client.close()]))
    },
  }
}

/** Binds tools as they are: the caller names turns. */
export const boundTools =
  (tools: (room: AsyncChatRoom, clock: VirtualClock) => RoomTools): Binding =>
  (room, clock) => {
    const { call } = tools(room, clock)
    let turn = {}
    return {
      call: async (tool, args, signal) => (await call(tool, args, { turn, ...(signal && { signal }) })).text,
      beginTurn: () => {
        turn = {}
      },
    }
  }

/** The tools of this repository, without an SDK. */
export const rightTools: Binding = boundTools((room, clock) => roomTools(room, { clock }))
