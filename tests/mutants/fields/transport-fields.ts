import type { RuleId } from '@midsentence/conformance'
import type {
  Floor,
  Inbound,
  Link,
  Message,
  OpenRequest,
  OpenResult,
  PublishRequest,
  SessionIdentity,
  Supports,
  Transport,
  Verdict,
} from '@midsentence/core'
import { concatMap, map, NEVER, of } from 'rxjs'
import type { TransportBug } from '../transport/mock-harness.ts'
import { isMessage } from '../transport/transport-mutant.ts'

/** The rule that a field breaks, what a bug does to it, and the bug. */
export type FieldBug = readonly [breaks: RuleId, bug: string, plant: TransportBug]

/** A bug for each field of a type: a new field does not compile before it has one. */
type BugOfEach<T> = { readonly [Field in keyof Required<T>]: FieldBug }

const without = <T extends object>(value: T, field: keyof T): T => {
  const { [field]: _, ...rest } = value
  return rest as T
}

const opening =
  (request: (request: OpenRequest) => OpenRequest, result: (result: OpenResult) => OpenResult = r => r): TransportBug =>
  peer => ({ open: async asked => result(await peer.open(request(asked))) })
const opened = (change: (result: OpenResult) => OpenResult): TransportBug => opening(r => r, change)
const identified = (change: (session: SessionIdentity) => SessionIdentity): TransportBug =>
  opened(result => ({ ...result, session: change(result.session) }))

const publishing =
  (
    request: (request: PublishRequest) => PublishRequest,
    verdict: (verdict: Verdict) => Verdict = v => v,
  ): TransportBug =>
  peer => ({ publish: async asked => verdict(await peer.publish(request(asked))) })
const judged = (change: (verdict: Verdict) => Verdict): TransportBug => publishing(r => r, change)
const sent = (change: (verdict: Extract<Verdict, { sent: true }>) => Verdict): TransportBug =>
  judged(verdict => (verdict.sent ? change(verdict) : verdict))
const held = (change: (verdict: Extract<Verdict, { sent: false }>) => Verdict): TransportBug =>
  judged(verdict => (verdict.sent ? verdict : change(verdict)))

/** Changes what arrives; an empty list drops it. */
const arriving =
  (change: (item: Inbound) => readonly Inbound[]): TransportBug =>
  peer => ({ inbound$: peer.inbound$.pipe(concatMap(item => of(...change(item)))) })
const message = (change: (message: Message) => object): TransportBug =>
  arriving(item => [isMessage(item) ? { ...item, message: change(item.message) as Message } : item])
const ofType = <Type extends Inbound['type']>(
  type: Type,
  change: (item: Extract<Inbound, { type: Type }>) => readonly Inbound[],
): TransportBug => arriving(item => (item.type === type ? change(item as Extract<Inbound, { type: Type }>) : [item]))

const linking =
  (change: (link: Link) => Link): TransportBug =>
  peer => ({ link$: peer.link$.pipe(map(change)) })

const supports: BugOfEach<Supports> = {
  ids: ['L2', 'true, though each reader has its own ids', message(m => ({ ...m, message_id: crypto.randomUUID() }))],
  resume: ['L3', 'true, though nothing is sent again', () => ({ resume: () => {} })],
  echo: ['L4', 'false, though own messages come back', peer => ({ supports: { ...peer.supports, echo: { no: 'x' } } })],
  conditional: [
    'H1',
    'true, though every push is sent',
    (peer, { room }) => ({ publish: request => peer.publish({ ...request, base: room.messages.length }) }),
  ],
  keys: ['P4', 'true, though a repeated key is sent again', publishing(r => ({ ...r, key: crypto.randomUUID() }))],
  writing: ['L10', 'true, though no one learns it', () => ({ showWriting: () => {} })],
}

const openRequest: BugOfEach<OpenRequest> = {
  room: ['O1', 'another room', opening(r => ({ ...r, room: `${r.room}x` }))],
  username: ['O1', 'another name', opening(r => ({ ...r, username: `${r.username}x` }))],
  resume: ['A3', 'left out', opening(r => without(r, 'resume'))],
  since: ['A7', 'left out', opening(r => without(r, 'since'))],
  secret: ['A3', 'left out', opening(r => without(r, 'secret'))],
  credential: ['A10', 'left out', opening(r => without(r, 'credential'))],
  person: ['Y4', 'left out', opening(r => without(r, 'person'))],
  typing_indicator: ['L10', 'left out', opening(r => without(r, 'typing_indicator'))],
}

const identity: BugOfEach<SessionIdentity> = {
  session_id: ['A6', 'empty', identified(s => ({ ...s, session_id: '' }))],
  token: ['A6', 'empty', identified(s => ({ ...s, token: '' }))],
  room: ['O1', 'another room', identified(s => ({ ...s, room: `${s.room}x` }))],
  sender_id: ['O1', 'another name', identified(s => ({ ...s, sender_id: `${s.sender_id}x` }))],
  log: ['A6', 'a new id at each open', identified(s => ({ ...s, log: crypto.randomUUID() }))],
  secret: ['A3', 'left out', identified(s => without(s, 'secret'))],
}

const openResult: BugOfEach<OpenResult> = {
  session: ['A6', 'an invented session', identified(s => ({ ...s, sender_id: 'me', session_id: 'mine' }))],
  cursor: ['A6', 'one too high', opened(r => ({ ...r, cursor: r.cursor + 1 }))],
  head: ['A7', 'left out', opened(r => without(r, 'head'))],
  policy: ['H2', '`annotate` for a room that holds', opened(r => ({ ...r, policy: 'annotate' }))],
  resumed: ['A6', 'true for a new session', opened(r => ({ ...r, resumed: true }))],
  observable: ['A8', 'left out', opened(r => without(r, 'observable'))],
  recorded: ['I1', 'left out', opened(r => without(r, 'recorded'))],
}

type InboundBugs = { readonly [Type in Inbound['type']]: BugOfEach<Omit<Extract<Inbound, { type: Type }>, 'type'>> }

const inbound: InboundBugs = {
  message: { message: ['L1', 'dropped now and then', droppingEverySecond()] },
  missed: {
    from: ['L7', 'one too high', ofType('missed', m => [{ ...m, from: m.from + 1 }])],
    to: ['L7', 'one too low', ofType('missed', m => [{ ...m, to: m.to - 1 }])],
  },
  presence: {
    sender_id: ['L8', 'another name', ofType('presence', p => [{ ...p, sender_id: `${p.sender_id}x` }])],
    present: ['L8', 'always true', ofType('presence', p => [{ ...p, present: true }])],
    writing: ['L10', 'left out', ofType('presence', p => [without(p, 'writing')])],
  },
  hush: { on: ['Y5', 'always true', ofType('hush', h => [{ ...h, on: true }])] },
  watchers: { watchers: ['I5', 'always 0', ofType('watchers', w => [{ ...w, watchers: 0 }])] },
  rejoined: { welcome: ['A6', 'dropped', ofType('rejoined', () => [])] },
}

/** Drops every second message on its way. */
function droppingEverySecond(): TransportBug {
  return peer => {
    let nth = 0
    return {
      resume: () => {},
      inbound$: peer.inbound$.pipe(concatMap(item => (isMessage(item) && nth++ % 2 === 1 ? of() : of(item)))),
    }
  }
}

const messageFields: BugOfEach<Message> = {
  message_id: ['B1', 'another id', message(m => ({ ...m, message_id: `${m.message_id}x` }))],
  sender_id: ['B1', 'another name', message(m => ({ ...m, sender_id: `${m.sender_id}x` }))],
  content: ['B1', 'trimmed to a line', message(m => ({ ...m, content: `${m.content} ` }))],
  timestamp: ['B1', 'in another form', message(m => ({ ...m, timestamp: new Date(m.timestamp).toUTCString() }))],
  seq: ['B1', 'one too high', message(m => ({ ...m, seq: m.seq + 1 }))],
  base: ['B1', 'left out', message(m => without(m, 'base'))],
  crossed: ['H3', 'left out', message(m => without(m, 'crossed'))],
  crossed_more: ['H3', 'left out', message(m => without(m, 'crossed_more'))],
  meta: ['B2', 'left out', message(m => without(m, 'meta'))],
  local_ids: ['B1', 'true for ids of the room', message(m => ({ ...m, local_ids: true }))],
}

type LinkBugs = { readonly [State in Link['state']]: BugOfEach<Omit<Extract<Link, { state: State }>, 'state'>> }

const link: LinkBugs = {
  up: { notice: ['O2', 'empty', linking(l => (l.state === 'up' ? { ...l, notice: '' } : l))] },
  down: { reason: ['O2', 'empty', linking(l => (l.state === 'down' ? { ...l, reason: '' } : l))] },
  lost: { reason: ['O2', 'empty', linking(l => (l.state === 'lost' ? { ...l, reason: '' } : l))] },
}

const publishRequest: BugOfEach<PublishRequest> = {
  content: ['P1', 'trimmed', publishing(r => ({ ...r, content: r.content.trim() || ' ' }))],
  base: ['H1', 'one too low', publishing(r => ({ ...r, base: Math.max(0, r.base - 1) }))],
  key: ['P4', 'another one at each attempt', publishing(r => ({ ...r, key: crypto.randomUUID() }))],
  isRetry: ['P3', 'always false', publishing(r => ({ ...r, isRetry: false }))],
  timeout_ms: ['F5', 'left out', publishing(r => without(r, 'timeout_ms'))],
  meta: ['B2', 'left out', publishing(r => without(r, 'meta'))],
}

type Sent = Omit<Extract<Verdict, { sent: true }>, 'sent'>
type Held = Omit<Extract<Verdict, { sent: false }>, 'sent'>

const sentVerdict: BugOfEach<Sent> = {
  message_id: ['B1', 'another id', sent(v => ({ ...v, message_id: `${v.message_id}x` }))],
  timestamp: ['B1', 'another time', sent(v => ({ ...v, timestamp: '2020-01-01T00:00:00.000Z' }))],
  seq: ['L4', 'one too high', sent(v => ({ ...v, seq: v.seq + 1 }))],
  durability: ['P7', '`flushed` for a room in memory', sent(v => ({ ...v, durability: 'flushed' }))],
  crossed: ['H3', 'left out', sent(v => without(v, 'crossed'))],
  crossed_more: ['H3', 'left out', sent(v => without(v, 'crossed_more'))],
}

const heldVerdict: BugOfEach<Held> = {
  messages: ['P7', 'trimmed', held(v => ({ ...v, messages: v.messages.map(m => ({ ...m, content: '' })) }))],
  floor: ['F6', 'left out', held(v => without(v, 'floor'))],
}

const floor: BugOfEach<Floor> = {
  name: ['F5', 'another name', held(v => (v.floor ? { ...v, floor: { ...v.floor, name: 'me' } } : v))],
  for_ms: ['F6', 'in seconds', held(v => (v.floor ? { ...v, floor: { ...v.floor, for_ms: -v.floor.for_ms } } : v))],
}

const port: BugOfEach<Transport> = {
  supports: ['L4', 'echo is false, though own messages come back', supports.echo[2]],
  inbound$: ['C1', 'empty', () => ({ inbound$: NEVER })],
  link$: ['O2', 'always up', linking(() => ({ state: 'up' }))],
  open: ['A3', 'never resumes', openRequest.resume[2]],
  publish: ['P1', 'trims', publishRequest.content[2]],
  resume: ['L3', 'ignored', () => ({ resume: () => {} })],
  yield: ['F2', 'ignored', () => ({ yield: () => {} })],
  showDraft: ['A8', 'ignored', () => ({ showDraft: () => {} })],
  showWriting: ['L10', 'ignored', () => ({ showWriting: () => {} })],
  hush: ['Y5', 'ignored', () => ({ hush: async () => true })],
  close: ['O1', 'does not free the name', () => ({ close: async () => {} })],
}

/** The parameters of `showDraft`. */
const draftCall: BugOfEach<{ facts: unknown; rev: unknown }> = {
  facts: ['A8', 'only the first', peer => ({ showDraft: (facts, rev) => peer.showDraft!(facts.slice(0, 1), rev) })],
  rev: ['A8', 'always that of a whole draft', peer => ({ showDraft: facts => peer.showDraft!(facts, facts.length) })],
}

/** The fields of the port `Transport`, by where they are. */
export const transportFields: Readonly<Record<string, Readonly<Record<string, FieldBug>>>> = {
  Transport: port,
  Supports: supports,
  OpenRequest: openRequest,
  OpenResult: openResult,
  SessionIdentity: identity,
  'Inbound, message': inbound.message,
  'Inbound, missed': inbound.missed,
  'Inbound, presence': inbound.presence,
  'Inbound, rejoined': inbound.rejoined,
  Message: messageFields,
  'Link, up': link.up,
  'Link, down': link.down,
  'Link, lost': link.lost,
  PublishRequest: publishRequest,
  'Verdict, sent': sentVerdict,
  'Verdict, held': heldVerdict,
  Floor: floor,
  showDraft: draftCall,
}
