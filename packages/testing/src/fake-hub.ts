import { MidsentenceError } from '@midsentence/core'
import type { CallOptions, Hub, HubSession, JoinResult } from '@midsentence/core/hub'

const joinResult: JoinResult = {
  session_id: 'session-1',
  token: 'good',
  room: 'lobby',
  sender_id: 'Claude',
  log: 'log-1',
  cursor: 3,
  policy: 'hold',
}

const read = { status: 1, messages: [], cursor: 3 } as const
const sent = { ...read, message_id: 'm', timestamp: '2026-01-01T00:00:00.000Z', seq: 4, durability: 'memory' } as const

export interface FakeHub {
  readonly hub: Hub
  readonly session: HubSession
  /** Calls of hub and session in order: the name, then the arguments. */
  readonly calls: readonly (readonly [name: string, ...args: unknown[]])[]
}

/** Drops the call options that have their default value. */
function withoutDefaults(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('notification' in given)) return given
  const { cursorSnapshot, mayWait, notification, signal } = given as CallOptions
  return {
    ...(cursorSnapshot && { cursorSnapshot }),
    ...(mayWait === false && { mayWait }),
    ...(notification && { notification }),
    ...(signal && { signal }),
  }
}

/** Creates a hub that records its calls and knows one token: `good`. `overrides` replaces members of the session. */
export function fakeHub(overrides: Partial<HubSession> = {}): FakeHub {
  const calls: [string, ...unknown[]][] = []
  const recorded = <G extends unknown[], A>(name: string, answer: (...args: G) => A) => {
    return (...args: G): A => {
      calls.push([name, ...args.map(withoutDefaults)])
      return answer(...args)
    }
  }
  const answers: HubSession = {
    joinResult,
    snapshotCursor: () => ({ cursor: 3, shown: 5 }),
    charge: () => {},
    append: async () => ({ ...read, suffix: 'end', accepted: 3, dropped: 0 }),
    undo: async () => ({ ...read, suffix: '' }),
    reset: async () => ({ ...read, suffix: '' }),
    preview: async () => ({ ...read, draft: 'end', length: 3, segments: [{ length: 3, base: 0 }], suffix: 'end' }),
    push: async () => sent,
    publish: async () => sent,
    check: async () => ({ ...read, status: 0 }),
    resume: async () => ({ ...joinResult, suffix: 'end' }),
    who: () => ({ participants: [{ sender_id: 'Claude' }] }),
    yield: () => false,
    hush: () => true,
    leave: async () => {},
    sendUnconditionally: async () => sent,
    showDraft: () => {},
    showWriting: () => {},
    subscribe: async () => ({ cursor: 3, resume: () => {}, close: () => {} }),
    ...overrides,
  }
  const session = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      name === 'joinResult' || name === 'charge' ? answer : recorded(name, answer),
    ]),
  ) as unknown as HubSession
  const hub: Hub = {
    log: 'log-1',
    durability: 'memory',
    join: recorded('join', async () => session),
    enter: recorded('enter', token => {
      if (token !== 'good') throw new MidsentenceError('session-unknown', 'This session is over: join again.')
      return session
    }),
    observe: recorded('observe', () => () => {}),
    close: recorded('close', async () => {}),
  }
  return { hub, session, calls }
}
