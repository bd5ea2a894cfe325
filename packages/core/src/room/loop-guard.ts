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

/** What holds in a room without such settings, for messages that say that a model wrote them. There is no share. */
export const modelLoopSettings: LoopSettings = { ...defaultLoopSettings, share: Number.POSITIVE_INFINITY }

/** Whether the `meta` of a message says that a model wrote it. */
export const isByModel = (meta: Readonly<Record<string, unknown>> | undefined): boolean => meta?.by === 'model'

/** Senders that are counted: more of them do not raise how many messages are allowed without a person. */
const MAX_SENDERS = 1000

/** Counts since the last message of a person or the last rest. Immutable. */
export interface LoopState {
  /** A person has silenced the models: none may send until a person sends a message or lifts it. */
  readonly hushed: boolean
  readonly messages: number
  readonly senders: readonly string[]
  /** The senders of the newest messages, at most `window` of them. */
  readonly recentSenders: readonly string[]
  /** The time of the last message, on the monotonic clock. */
  readonly lastAt: number
}

export const initialLoopState: LoopState = { hushed: false, messages: 0, senders: [], recentSenders: [], lastAt: 0 }

/** Why a message must wait, and after how many milliseconds to try again. */
export interface LoopRefusal {
  readonly reason: 'laps' | 'share' | 'hushed'
  readonly wait_ms: number
}

/** The refusal of every model while a hush lasts. It has no set end, so a model may try again after `wait_ms`. */
export const hushRefusal: LoopRefusal = { reason: 'hushed', wait_ms: 30_000 }

/**
 * Checks whether `name`, which is no person, may send a message now. Returns undefined if so. `present`: number of
 * participants in the room. Without settings only a hush refuses.
 */
export function loopRefusal(
  state: LoopState,
  name: string,
  present: number,
  now: number,
  settings: LoopSettings | undefined,
): LoopRefusal | undefined {
  if (state.hushed) return hushRefusal
  if (!settings) return undefined
  const { laps, rest_ms, share, window } = settings
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
  settings: LoopSettings | undefined,
): LoopState {
  if (person) return initialLoopState
  if (!settings) return state
  const { rest_ms, window } = settings
  const { messages, senders, recentSenders } = now - state.lastAt >= rest_ms ? initialLoopState : state
  return {
    hushed: state.hushed,
    messages: messages + 1,
    senders: senders.length >= MAX_SENDERS || senders.includes(name) ? senders : [...senders, name],
    recentSenders: [...recentSenders, name].slice(-window),
    lastAt: now,
  }
}
