import type { Message, Seq } from '@midsentence/core'
import fc from 'fast-check'
import { type ActionName, actionWeights, weighted } from '../kit/actions.ts'
import type { RecordingClient } from './recording-client.ts'
import type { TransportScenario } from './scenario.ts'

/** An action of a participant. Publishing is left to `push`. */
export type ScriptAction = Exclude<ActionName, 'publish'>

/** One action of a participant, which is not awaited, or an event on its connection. */
export interface ScriptStep {
  readonly who: number
  readonly does: ScriptAction | 'cut' | 'heal' | 'pass' | 'settle'
  readonly ms: number
}

const { publish: _, ...weights } = actionWeights

/** Actions of a participant, each as often as in other random cases. */
export const scriptActions: fc.Arbitrary<ScriptAction> = weighted(weights)

/** Scripts of up to `length` steps for two to four participants, who write, push, read and lose their connections. */
export const scripts = (length: number): fc.Arbitrary<readonly ScriptStep[]> =>
  fc.array(
    fc.record({
      who: fc.nat(3),
      does: weighted({ ...weights, pass: 3, settle: 1, cut: 2, heal: 2 }),
      ms: fc.nat(20),
    }),
    { minLength: Math.min(5, length), maxLength: length, size: 'max' },
  )

/** The outcome of a conversation: the record of each client, and of an observer that joined first and only read. */
export interface ConversationTrace {
  readonly observer: RecordingClient
  readonly actors: readonly ScriptActor[]
}

export interface ScriptActor {
  readonly client: RecordingClient
  /** How many messages the observer had received when this client joined. */
  readonly joinedAt: number
  /** Whether its connection was ever cut. */
  cut: boolean
}

/** Plays a script to its end: connections are restored, every call is answered, every message is read. */
export async function playScript(
  scenario: TransportScenario,
  script: readonly ScriptStep[],
): Promise<ConversationTrace> {
  const observer = await scenario.join('Observer')
  const actors = new Map<number, ScriptActor>()
  const { faults, pass } = scenario.harness
  const nextText = uniqueTexts()
  const actorOf = async (who: number): Promise<ScriptActor> => {
    const found = actors.get(who)
    if (found) return found
    if (actors.size > 1) await scenario.catchUp(observer)
    const made = { joinedAt: observer.received.length, client: await scenario.join(`Client ${who}`), cut: false }
    actors.set(who, made)
    return made
  }
  await actorOf(0)
  await actorOf(1)
  for (const { who, does, ms } of script) {
    const actor = await actorOf(who)
    const { client } = actor
    if (does === 'settle') await scenario.settle()
    else if (does === 'pass') await pass?.(ms)
    else if (does === 'cut') {
      actor.cut ||= faults !== undefined
      faults?.cut(client.peer)
    } else if (does === 'heal') faults?.heal(client.peer)
    else startAction(client, does, nextText(who))
  }
  const all = [...actors.values()]
  await settleAll(scenario, observer, all)
  return { observer, actors: all }
}

/** Makes texts of which no two are equal. */
export function uniqueTexts(): (who: number) => string {
  let count = 0
  return who => `${who}:${count++} `
}

/** Starts an action, and leaves its outcome to the record of the client. */
export function startAction(client: RecordingClient, does: ScriptAction, text: string): void {
  if (does === 'append') client.append(text).catch(ignore)
  else client[does]().catch(ignore)
}

/** How often everybody reads on while the observer lacks messages that were sent. */
const MAX_READS = 20

/** Restores all connections, waits for every answer, and has everybody read to the end. */
export async function settleAll(
  scenario: TransportScenario,
  observer: RecordingClient,
  actors: readonly ScriptActor[],
): Promise<void> {
  for (const { client } of actors) scenario.harness.faults?.heal(client.peer)
  await scenario.within(Promise.all(actors.map(({ client }) => client.answered)), 'a call')
  await scenario.readAll()
  const sent = actors.reduce((sum, { client }) => sum + pushesOf(client).sent.length, 0)
  // On a busy machine one settle may be too short for a real clock.
  for (let tried = 0; tried < MAX_READS && observer.received.length < sent; tried++) await scenario.readAll()
}

export interface PushRecord {
  /** Position among the calls and joins of all clients. */
  readonly order: number
  readonly content: string
  readonly base: number
  /** Whether the answer named a holder of the floor. */
  readonly floor: boolean
}

/** Derives the outcome of a client's pushes from its own calls. `perhaps` are pushes whose outcome is unknown. */
export function pushesOf({ calls }: RecordingClient): {
  sent: (PushRecord & { readonly seq: number })[]
  perhaps: string[]
  held: PushRecord[]
} {
  const found = { sent: [] as (PushRecord & { seq: number })[], perhaps: [] as string[], held: [] as PushRecord[] }
  let draft: string[] = []
  for (const { action, order, text, base, answer, error } of calls) {
    if (action === 'append' && answer) draft.push(text)
    if (action === 'undo') draft.pop()
    if (action === 'reset') draft = []
    if (action !== 'push') continue
    const content = draft.join('')
    if (error?.data.unknown) found.perhaps.push(content)
    if (answer?.status === 0)
      found.held.push({ content, base, order, floor: 'floor' in answer && answer.floor !== undefined })
    if (answer?.status !== 1) continue
    found.sent.push({ content, base, order, floor: false, seq: (answer as unknown as { seq: number }).seq })
    draft = []
  }
  return found
}

/**
 * Returns the messages of others that an actor must have received since it joined. A push that was called before and not
 * answered may have come before the join: its seq tells, if messages have seqs.
 */
export function expectedFor(
  { client, joinedAt }: ScriptActor,
  room: readonly Message[],
  pushedLater: ReadonlySet<Seq>,
) {
  const cameBefore = ({ seq }: Message) =>
    client.peer.supports.ids === true && seq <= client.cursorAtJoin && !pushedLater.has(seq)
  return room.slice(joinedAt).filter(message => message.sender_id !== client.name && !cameBefore(message))
}

const ignore = () => {}
