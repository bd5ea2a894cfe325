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
  readonly said: number
  readonly speakers: readonly string[]
  /** Who said the newest messages, as many as matter. */
  readonly newest: readonly string[]
  /** When the last one was said, on the monotonic clock. */
  readonly at: number
}

export const initialLoopState: LoopState = { said: 0, speakers: [], newest: [], at: 0 }

/** Why a message has to wait, and for how long. */
export interface LoopRefusal {
  readonly why: 'laps' | 'share'
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
  const wait_ms = Math.ceil(state.at + rest_ms - now)
  if (state.said === 0 || wait_ms <= 0) return undefined
  const speakers = state.speakers.includes(name) ? state.speakers.length : state.speakers.length + 1
  if (state.said >= laps * speakers) return { why: 'laps', wait_ms }
  const mine = state.newest.filter(each => each === name).length
  const most = (window * share) / Math.max(present, 1)
  return state.newest.length >= window && mine >= most ? { why: 'share', wait_ms } : undefined
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
  const { said, speakers, newest } = now - state.at >= rest_ms ? initialLoopState : state
  return {
    said: said + 1,
    speakers: speakers.includes(name) ? speakers : [...speakers, name],
    newest: [...newest, name].slice(-window),
    at: now,
  }
}
