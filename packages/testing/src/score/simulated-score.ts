import { type ScoreEvent, type ScoreRecord, textOf } from '@midsentence/core'
import { emptyScore, evolveScore, stateEventOf } from '@midsentence/core/hub'

export interface SimulatedScoreOptions {
  readonly records: number
  readonly participants?: number
  readonly seed?: number
  /** Names and texts to use. */
  readonly names?: readonly string[]
  readonly texts?: readonly string[]
  /** Whether records are lost, participants leave, and the recording stops. Default true. */
  readonly faults?: boolean
  /** Messages that the room has dropped have no text. Default 0.05 of all. */
  readonly dropped?: number
}

const words = 'well I think the first step is to ask what we can measure before anybody decides on the next one'.split(
  ' ',
)

/** Returns a random number below `below`, for each call another. Mulberry32. */
function random(seed: number): (below: number) => number {
  let state = seed | 0
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
  }
}

/** Simulates a recorded room: the same options give the same records, as a hub would write them. */
export function simulatedScore(options: SimulatedScoreOptions): readonly ScoreRecord[] {
  const { records: count, participants = 3, seed = 1, faults = true, dropped = 0.05 } = options
  const pick = random(seed)
  const names = options.names ?? Array.from({ length: participants }, (_, nth) => `P${nth + 1}`)
  const records: ScoreRecord[] = []
  let state = emptyScore
  let head = pick(5)
  let at = Date.UTC(2026, 10, 29, 9)
  const add = (event: ScoreEvent) => {
    if (event.type === 'message') head = event.seq
    state = evolveScore(state, event)
    records.push({ position: records.length + 1, at: new Date(at).toISOString(), head, ...event })
  }
  const textFor = () => {
    if (options.texts) return options.texts[pick(options.texts.length)]!
    const from = pick(words.length)
    return `${words.slice(from, from + 1 + pick(9)).join(' ')} `
  }
  const push = (sender_id: string) => {
    const content = textOf(state.lanes.get(sender_id)!.draft)
    const base = state.lanes.get(sender_id)!.given
    const seq = head + 1
    const message = { message_id: `m${seq}`, sender_id, content, timestamp: new Date(at).toISOString(), seq, base }
    add({ type: 'message', seq, ...(pick(1000) >= dropped * 1000 && { message }) })
    add({ type: 'pushed', sender_id, seq })
    if (state.floor === sender_id) add({ type: 'floor.ended', sender_id, why: 'sent' })
  }
  const act = (sender_id: string) => {
    const lane = state.lanes.get(sender_id)
    if (!lane || lane.away) return add({ type: 'joined', sender_id })
    const choice = pick(100)
    if (choice < 50) return add({ type: 'appended', sender_id, text: textFor(), base: lane.given })
    if (choice < 58 && lane.draft.segments > 0) return add({ type: 'undone', sender_id })
    if (choice < 60 && lane.draft.segments > 0) return add({ type: 'reset', sender_id })
    if (choice < 78 && lane.given < head) return add({ type: 'given', sender_id, seq: head })
    if (choice < 92 && lane.draft.segments > 0) {
      if (lane.given < head && state.floor !== sender_id)
        return add({ type: 'held', sender_id, why: 'unseen', seq: head })
      if (state.floor !== undefined && state.floor !== sender_id) {
        return add({ type: 'held', sender_id, why: 'floor', seq: head })
      }
      return push(sender_id)
    }
    if (choice < 94 && state.floor === undefined) return add({ type: 'floor.granted', sender_id, for_ms: 60_000 })
    if (choice < 95 && state.floor !== undefined)
      return add({ type: 'floor.ended', sender_id: state.floor, why: 'time' })
    if (!faults) return
    if (choice < 96) return add({ type: 'left', sender_id, ...(pick(2) === 0 && { away: true as const }) })
    if (choice < 97) {
      const kept = pick(lane.draft.segments + 1)
      const segments = stateEventOf({ lanes: new Map([[sender_id, lane]]), floor: undefined }).participants[0]!.draft
      const added = { type: 'appended' as const, text: textFor(), base: lane.given }
      return add({ type: 'draft', sender_id, draft: [...segments.slice(0, kept), added] })
    }
    if (choice < 98) {
      const lost = 1 + pick(4)
      add({ type: 'gap', ...(pick(2) === 0 && { lost }) })
      if (pick(2) === 0) add({ type: 'message', seq: head + 1 })
      return add(stateEventOf({ ...state, lanes: new Map([...state.lanes].slice(0, 1 + pick(state.lanes.size))) }))
    }
    if (choice < 99) {
      const before = state
      add({ type: 'stopped' })
      at += 60_000
      return add(stateEventOf(before))
    }
  }
  while (records.length < count) {
    at += pick(50) === 0 ? pick(300_000) : pick(900)
    if (records.length === 0 || records.length % 1000 === 0) add(stateEventOf(state))
    act(names[pick(names.length)]!)
  }
  return records.slice(0, count)
}
