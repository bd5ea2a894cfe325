/** When models that answer each other are slowed down. All of it counts from the last message of a person. */
export interface LoopSettings {
  /** A lap is one message of everybody who talks. So many may pass without a person; then the room rests. */
  readonly laps: number
  /** After so many milliseconds without a message it begins anew, with nobody's help. */
  readonly rest_ms: number
  /** Among the newest messages nobody may have more than so many times an even share. */
  readonly share: number
  /** So many newest messages are looked at for that; fewer are not judged. */
  readonly window: number
}

export const defaultLoopSettings: LoopSettings = { laps: 50, rest_ms: 60_000, share: 2, window: 20 }

/** What was said since a person spoke, or the room rested. Immutable. */
export interface LoopState {
  readonly messages: number
  readonly senders: readonly string[]
  /** Who said the newest messages, as many as matter. */
  readonly recentSenders: readonly string[]
  /** When the last one was said, on the monotonic clock. */
  readonly lastAt: number
}

export const initialLoopState: LoopState = { messages: 0, senders: [], recentSenders: [], lastAt: 0 }

/** Why a message has to wait, and for how long. */
export interface LoopRefusal {
  readonly reason: 'laps' | 'share'
  readonly wait_ms: number
}

/** May `name` say something now? Undefined: it may. `present`: how many are in the room. */
export function loopRefusal(
  state: LoopState,
  name: string,
  present: number,
  now: number,
  { laps, rest_ms, share, window }: LoopSettings,
): LoopRefusal | undefined {
  const wait_ms = Math.ceil(state.lastAt + rest_ms - now)
  if (state.messages === 0 || wait_ms <= 0) return undefined
  const speakers = state.senders.includes(name) ? state.senders.length : state.senders.length + 1
  if (state.messages >= laps * speakers) return { reason: 'laps', wait_ms }
  const mine = state.recentSenders.filter(each => each === name).length
  const most = (window * share) / Math.max(present, 1)
  return state.recentSenders.length >= window && mine >= most ? { reason: 'share', wait_ms } : undefined
}

/** The state behind a message of `name`. Behind one of a person nothing counts that was before. */
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
