import { type RoomTools, roomTools } from '@midsentence/agent/tools'
import type { ToolsHarness } from '@midsentence/conformance'
import {
  defaultPolicy,
  defaultRoomSettings,
  join,
  type Participant,
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

/** How a binding runs tools in a turn. */
export type Binding = (
  participant: Participant,
  clock: VirtualClock,
) => Pick<ToolsHarness, 'call' | 'callAll'> & {
  /** Begins the next turn of the model. Absent: each call is a turn, or a host that names none. */
  readonly beginTurn?: () => void
  /** The binding does not tell turns apart, but for their time. */
  readonly timed?: true
  close?(): Promise<void>
}

/** Makes harnesses with tools in a room of this process, over virtual time. */
export const toolsIn = (binding: Binding) => async (): Promise<ToolsHarness> => {
  // The time of turns and that of the connection are apart, so that a turn lasts as long as the kit says.
  const [clock, turnClock] = [virtualClock(), virtualClock()]
  const room = mockRoom({ clock, policy: withoutFloors })
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    let ended = false
    const end = () => {
      ended = true
    }
    promise.then(end, end)
    for (let steps = 0; steps < 1000 && !ended; steps++) await clock.advance(steps < 20 ? 1 : 100)
    return promise
  }
  const [ada, claude] = await soon(
    Promise.all(['Ada', 'Claude'].map(username => join({ transport: room.peer(), username, clock }))),
  )
  const { call, callAll, beginTurn, timed, close } = binding(claude!, turnClock)
  const nextTurn = async () => {
    beginTurn?.()
    if (timed) await turnClock.advance(1000)
  }
  return {
    call: async (tool, args, signal) => {
      const result = call(tool, args, signal)
      // A call that waits is not hurried: the kit cancels it.
      return signal ? result : soon(result)
    },
    ...(callAll && { callAll: requests => soon(callAll(requests)) }),
    ...((beginTurn || timed) && { nextTurn }),
    say: async text => {
      await soon(ada!.append(text))
      await soon(ada!.push())
    },
    sent: async () => room.messages.filter(({ sender_id }) => sender_id === 'Claude').map(({ content }) => content),
    settle: () => clock.advance(20),
    close: async () => {
      await soon(Promise.all([ada!.close(), claude!.close(), close?.()]))
    },
  }
}

/** Binds tools as they are: the caller names turns. */
export const boundTools = (tools: (participant: Participant, clock: VirtualClock) => RoomTools): Binding => {
  return (participant, clock) => {
    const { call } = tools(participant, clock)
    let turn = {}
    return {
      call: async (tool, args, signal) => (await call(tool, args, { turn, ...(signal && { signal }) })).text,
      beginTurn: () => {
        turn = {}
      },
    }
  }
}

/** The tools of this repository, without an SDK. */
export const rightTools: Binding = boundTools((participant, clock) => roomTools(participant, { clock }))
