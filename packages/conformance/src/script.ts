import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import type { Speaker } from './speaker.ts'
import type { Stage } from './stage.ts'

/** One thing somebody does, without waiting for what comes of it, or that happens to its line. */
export interface Step {
  readonly who: number
  readonly does: 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'check' | 'cut' | 'heal' | 'pass' | 'settle'
  readonly ms: number
}

const often = (weight: number, does: Step['does']) => ({ weight, arbitrary: fc.constant(does) })

/** Scripts for two to four, who write, push, read and lose their lines as they like. */
export const scripts = (length: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.record({
      who: fc.nat(3),
      does: fc.oneof(
        often(7, 'append'),
        often(6, 'push'),
        often(3, 'pass'),
        often(2, 'preview'),
        often(2, 'check'),
        often(1, 'undo'),
        often(1, 'reset'),
        often(1, 'settle'),
        often(2, 'cut'),
        often(2, 'heal'),
      ),
      ms: fc.nat(20),
    }),
    { minLength: Math.min(5, length), maxLength: length, size: 'max' },
  )

/** What a script led to: everybody's record, and the room as one saw it who was there first and only read. */
export interface Trace {
  readonly observer: Speaker
  readonly cast: readonly Actor[]
}

export interface Actor {
  readonly speaker: Speaker
  /** How many messages the observer had been given when this one joined. */
  readonly joinedAt: number
  cut: boolean
}

/** Plays a script to its end: lines mended, every call answered, everything read. */
export async function play(stage: Stage, script: readonly Step[]): Promise<Trace> {
  const observer = await stage.join('Observer')
  const cast = new Map<number, Actor>()
  const { faults, pass } = stage.bench
  let said = 0
  const actor = async (who: number): Promise<Actor> => {
    const found = cast.get(who)
    if (found) return found
    if (cast.size > 1) await stage.catchUp(observer)
    const made = { joinedAt: observer.given.length, speaker: await stage.join(`Speaker ${who}`), cut: false }
    cast.set(who, made)
    return made
  }
  await actor(0)
  await actor(1)
  for (const { who, does, ms } of script) {
    const acting = await actor(who)
    const { speaker } = acting
    if (does === 'settle') await stage.settle()
    else if (does === 'pass') await pass?.(ms)
    else if (does === 'cut') {
      acting.cut ||= faults !== undefined
      faults?.cut(speaker.peer)
    } else if (does === 'heal') faults?.heal(speaker.peer)
    else if (does === 'append') speaker.append(`${who}:${said++} `).catch(ignore)
    else speaker[does]().catch(ignore)
  }
  for (const { speaker } of cast.values()) faults?.heal(speaker.peer)
  const all = [...cast.values()]
  await stage.within(Promise.all(all.map(({ speaker }) => speaker.answered)), 'a call')
  await stage.readAll()
  return { observer, cast: all }
}

/** What became of an author's pushes, told from its own calls: what was sent for certain, and what perhaps was. */
export function pushesOf({ calls }: Speaker): {
  sent: (Pushed & { readonly seq: number })[]
  perhaps: string[]
  held: Pushed[]
} {
  const found = { sent: [] as (Pushed & { seq: number })[], perhaps: [] as string[], held: [] as Pushed[] }
  let draft: string[] = []
  for (const { action, text, base, answer, error } of calls) {
    if (action === 'append' && answer) draft.push(text)
    if (action === 'undo') draft.pop()
    if (action === 'reset') draft = []
    if (action !== 'push') continue
    const content = draft.join('')
    if (error?.data.unknown) found.perhaps.push(content)
    if (answer?.status === 0) found.held.push({ content, base, floor: 'floor' in answer && answer.floor !== undefined })
    if (answer?.status !== 1) continue
    found.sent.push({ content, base, floor: false, seq: (answer as unknown as { seq: number }).seq })
    draft = []
  }
  return found
}

export interface Pushed {
  readonly content: string
  readonly base: number
  readonly floor: boolean
}

/** What one who joined as `actor` did must have been given: all that others said since. */
export const dueTo = ({ speaker, joinedAt }: Actor, room: readonly Message[]): Message[] =>
  room.slice(joinedAt).filter(message => message.sender_id !== speaker.name)

const ignore = () => {}
