/** When models that answer each other are slowed down. Everything counts from the last message of a person. */
export interface LoopSettings {
  /** Maximum messages per participant without a message of a person. Then the room rests. Default 50. */
  readonly laps: number
  /** How long the room rests, in milliseconds without a message. Then the counts restart. Default 60,000. */
  readonly rest_ms: number
  /** Maximum share of the newest messages one participant may have, as a multiple of an even share. Default 2. */
  readonly share: number
  /** How many of the newest messages the share is computed from; with fewer there is no limit. Default 20. */
  readonly window: number
}

export const defaultLoopSettings: LoopSettings = { laps: 50, rest_ms: 60_000, share: 2, window: 20 }

/** Counts since the last message of a person or the last rest. Immutable. */
export interface LoopState {
  readonly messages: number
  readonly senders: readonly string[]
  /** The senders of the newest messages, at most `window` of them. */
  readonly recentSenders: readonly string[]
  /** The time of the last message, on the monotonic clock. */
  readonly lastAt: number
}

export const initialLoopState: LoopState = { messages: 0, senders: [], recentSenders: [], lastAt: 0 }

/** Why a message must wait, and how many milliseconds. */
export interface LoopRefusal {
  readonly reason: 'laps' | 'share'
  readonly wait_ms: number
}

/**
 * Checks whether `name` may send a message now. Returns undefined if so. `present`: number of participants in the room.
 */
export function loopRefusal(
  state: LoopState,
  name: string,
  present: number,
  now: number,
  { laps, rest_ms, share, window }: LoopSettings,
): LoopRefusal | undefined {
  const wait_ms = Math.ceil(state.lastAt + rest_ms - now)
  if (state.messages === 0 || wait_ms <= 0) return undefined
  const senders = state.senders.includes(name) ? state.senders.length : state.senders.length + 1
  if (state.messages >= laps * senders) return { reason: 'laps', wait_ms }
  const mine = state.recentSenders.filter(each => each === name).length
  const most = (window * share) / Math.max(present, 1)
  return state.recentSenders.length >= window && mine >= most ? { reason: 'share', wait_ms } : undefined
}

/** Returns the state after a message of `name`. A message of a person resets it. */
export function recordLoopMessage(
  state: LoopState,
  name: string,
  person: boolean,
  now: number,
  { rest_ms, window }: LoopSettings,
): LoopState {
  if (person) return initialLoopState
  const { messages, senders, recentSenders } = now - state.lastAt >= rest_ms ? initialLoopState : state
  return {
    messages: messages + 1,
    senders: senders.includes(name) ? senders : [...senders, name],
    recentSenders: [...recentSenders, name].slice(-window),
    lastAt: now,
  }
}
