import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import type { Speaker } from './recording-client.ts'
import type { Stage } from './scenario.ts'

/** What somebody can do. */
export type Action = 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'check'

/** One thing somebody does, without waiting for what comes of it, or that happens to its line. */
export interface Step {
  readonly who: number
  readonly does: Action | 'cut' | 'heal' | 'pass' | 'settle'
  readonly ms: number
}

const often = <Does extends Step['does']>(weight: number, does: Does) => ({ weight, arbitrary: fc.constant(does) })

/** What somebody does in a race. */
export const actions = fc.oneof(
  often(6, 'append'),
  often(6, 'push'),
  often(2, 'preview'),
  often(2, 'check'),
  often(1, 'undo'),
  often(1, 'reset'),
)

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
  const telling = said()
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
    else act(speaker, does, telling(who))
  }
  const all = [...cast.values()]
  await settled(stage, all)
  return { observer, cast: all }
}

/** Texts of which no two are the same. */
export function said(): (who: number) => string {
  let count = 0
  return who => `${who}:${count++} `
}

/** Has somebody act, without waiting for what comes of it. */
export function act(speaker: Speaker, does: Action, text: string): void {
  if (does === 'append') speaker.append(text).catch(ignore)
  else speaker[does]().catch(ignore)
}

/** Lines are mended, every call is answered, and everything read. */
export async function settled(stage: Stage, cast: readonly Actor[]): Promise<void> {
  for (const { speaker } of cast) stage.bench.faults?.heal(speaker.peer)
  await stage.within(Promise.all(cast.map(({ speaker }) => speaker.answered)), 'a call')
  await stage.readAll()
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
