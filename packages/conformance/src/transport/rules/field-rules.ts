import { isMidsentenceError, type Message, type PublishRequest, type Verdict } from '@midsentence/core'
import { messageProblem } from '@midsentence/core/wire'
import { must, same } from '../../kit/assertions.ts'
import { durabilities } from '../../kit/durabilities.ts'
import { alike } from '../../stores/records.ts'
import type { OpenTransport, TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

const newestOf = (client: OpenTransport): number => client.messages().at(-1)?.seq ?? client.opened.cursor
const contents = (messages: readonly Message[]) => messages.map(({ content }) => content)

type Sent = Extract<Verdict, { readonly sent: true }>
type Held = Exclude<Verdict, Sent>

/** Publishes by everything that has arrived, unless `more` says otherwise. */
async function publish(
  scenario: TransportScenario,
  client: OpenTransport,
  content: string,
  more: Partial<PublishRequest> = {},
): Promise<Verdict> {
  const request = { content, base: newestOf(client), key: crypto.randomUUID(), isRetry: false, ...more }
  return scenario.within(client.peer.publish(request), 'publish')
}

async function send(
  scenario: TransportScenario,
  client: OpenTransport,
  content: string,
  more: Partial<PublishRequest> = {},
): Promise<Sent> {
  const verdict = await publish(scenario, client, content, more)
  must(verdict.sent, 'a publish with nothing unseen was not sent', verdict)
  await scenario.arrived(client.opened.session.room, verdict.seq)
  return verdict
}

/** Publishes by the cursor at the join, across everything that others said since. */
async function pushAcross(scenario: TransportScenario, client: OpenTransport, content: string): Promise<Held> {
  const verdict = await publish(scenario, client, content, { base: client.opened.cursor })
  must(!verdict.sent, 'a publish was sent across messages above its base', verdict)
  return verdict
}

async function carriesMessages(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  const base = ada.opened.cursor
  const first = await send(scenario, ada, 'one')
  const second = await send(scenario, ada, 'two')
  const expected = [first, second].map(({ message_id, timestamp, seq }, at) => ({
    message_id,
    sender_id: ada.opened.session.sender_id,
    content: ['one', 'two'][at],
    timestamp,
    seq,
    base: base + at,
  }))
  for (const message of ben.messages()) must(!messageProblem(message), messageProblem(message) ?? '', message)
  must(alike(ben.messages(), expected), 'a message did not arrive with every field', {
    found: ben.messages(),
    expected,
  })
  must(first.message_id !== second.message_id, 'two messages have one message_id', first.message_id)
  if (ada.peer.supports.echo === true)
    must(alike(ada.messages(), expected), 'an own message came back with other fields', ada.messages())
}

async function carriesMeta(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  const meta = { 'a key': [1, 'é\u2028', null, { deep: true }], empty: {} }
  await send(scenario, ada, 'with', { meta })
  await send(scenario, ada, 'without')
  const metas = ben.messages().map(message => message.meta)
  must(alike(metas, [meta, undefined]), 'meta did not arrive as it was sent', metas)
}

async function verdictsDescribe(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  const sent = await send(scenario, ben, 'news')
  const { durability, crossed, crossed_more } = sent
  must(durabilities.includes(durability), 'a verdict has no durability', sent)
  same([crossed, crossed_more], [undefined, undefined], 'a message that crossed nothing has crossed')
  const held = await pushAcross(scenario, ada, 'mine')
  same(held.floor, undefined, 'a first hold names a floor')
  const arrived = ada.messages().filter(({ content }) => content === 'news')
  must(
    held.messages.length === 0 || alike(held.messages, arrived),
    'a held verdict has other messages than those that arrive',
    held,
  )
}

async function promisesDurability(scenario: TransportScenario): Promise<void> {
  const ada = await scenario.open('Ada')
  const { durability } = await send(scenario, ada, 'kept')
  same(durability, scenario.harness.offers!.durability, 'a verdict promises another durability than the room has')
}

/** How many crossed messages are listed. */
const LISTED = 100

async function namesWhatItCrossed(scenario: TransportScenario): Promise<void> {
  const room = scenario.harness.offers!.annotating!
  const [ada, ben] = [await scenario.open('Ada', { room }), await scenario.open('Ben', { room })]
  const stale = { base: ada.opened.cursor }
  const one = await send(scenario, ben, 'one')
  const few = await publish(scenario, ada, 'across', stale)
  must(few.sent, 'a publish was held in an annotating room', few)
  same([few.crossed, few.crossed_more], [[one.seq], undefined], 'a verdict does not list what its message crossed')
  const sayTen = async (nth: number) => {
    for (let more = 0; more < 10; more++) {
      const key = `more ${nth}.${more}`
      await ben.peer.publish({ content: key, base: one.seq, key, isRetry: false })
    }
  }
  for (let nth = 0; nth < LISTED / 10; nth++) await scenario.within(sayTen(nth), 'ten messages')
  const many = await publish(scenario, ada, 'across all', stale)
  must(many.sent, 'a publish was held in an annotating room', many)
  const listed = [many.crossed?.length, many.crossed?.at(-1), many.crossed_more]
  same(
    listed,
    [LISTED, many.seq - 1, 1],
    'a verdict does not list the newest hundred crossed messages and count the rest',
  )
  for (const { seq, crossed, crossed_more } of [few, many]) {
    const found = ben.messages().find(message => message.seq === seq)
    must(
      alike([found?.base, found?.crossed, found?.crossed_more], [stale.base, crossed, crossed_more]),
      'readers do not learn what a message crossed',
      found,
    )
  }
}

async function namesPolicy(scenario: TransportScenario): Promise<void> {
  const ada = await scenario.open('Ada')
  same(ada.opened.policy, 'hold', 'open names another policy than the room has')
  const held = await scenario.open('Ada', { room: scenario.harness.offers!.annotating! })
  same(held.opened.policy, 'annotate', 'open names another policy than the room has')
}

/** Has `ada` earn the floor by three holds. Returns the last verdict. */
async function earnFloor(scenario: TransportScenario, ada: OpenTransport, ben: OpenTransport): Promise<Held> {
  for (const text of ['first', 'second']) {
    await send(scenario, ben, text)
    await pushAcross(scenario, ada, 'mine')
  }
  await send(scenario, ben, 'third')
  return pushAcross(scenario, ada, 'mine')
}

function mustBeFloorOf({ opened }: OpenTransport, { floor }: Held): void {
  same(floor?.name, opened.session.sender_id, 'a held verdict does not name the participant with the floor')
  const ms = floor?.for_ms ?? 0
  must(ms > 0 && ms <= 60_000, 'a held verdict has another time for the floor', floor)
}

async function namesOwnFloor(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  mustBeFloorOf(ada, await earnFloor(scenario, ada, ben))
}

async function waitsAsAsked(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  await earnFloor(scenario, ada, ben)
  let held: Verdict | undefined
  const request = { content: 'me too', base: newestOf(ben), key: 'waits', isRetry: false, timeout_ms: 0 }
  const push = ben.peer.publish(request).then(verdict => {
    held = verdict
  })
  push.catch(() => {})
  for (let tried = 0; tried < 3 && !held; tried++) await scenario.settle()
  must(held !== undefined, 'a publish with timeout_ms 0 waits for the floor of another')
  await push
  must(!held.sent, 'a publish was sent during the floor of another', held)
  mustBeFloorOf(ada, held)
}

async function yieldsTheFloor(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  await earnFloor(scenario, ada, ben)
  let ended = false
  const request = { content: 'me too', base: newestOf(ben), key: 'waits', isRetry: false, timeout_ms: 20_000 }
  const push = ben.peer.publish(request).finally(() => {
    ended = true
  })
  push.catch(() => {})
  await scenario.settle()
  must(!ended, 'a publish did not wait for the floor of another')
  ada.peer.yield()
  const verdict = await scenario.within(push, 'a publish that waits for a floor')
  must(verdict.sent, 'yield did not end the floor', verdict)
}

async function reportsPresence(scenario: TransportScenario): Promise<void> {
  const ada = await scenario.open('Ada')
  const ben = await scenario.open('Ben')
  const name = ben.opened.session.sender_id
  const seen = (client: OpenTransport, of: string) =>
    client.inbound.flatMap(item => (item.type === 'presence' && item.sender_id === of ? [item.present] : []))
  await scenario.until(() => seen(ada, name).at(-1) === true)
  same(seen(ada, name).at(-1), true, 'a participant that joined was not reported as present')
  if (ben.peer.supports.ids === true)
    same(
      seen(ben, ada.opened.session.sender_id).at(-1),
      true,
      'a participant that was there was not reported as present',
    )
  await scenario.within(ben.peer.close(), 'close')
  await scenario.until(() => seen(ada, name).at(-1) === false)
  same(seen(ada, name).at(-1), false, 'a participant that left was not reported as absent')
  same(ada.messages(), [], 'presence arrived as a message')
}

async function reportsMissed(scenario: TransportScenario): Promise<void> {
  const { room, below } = scenario.harness.offers!.forgetting!
  const [ada, ben] = [await scenario.open('Ada', { room }), await scenario.open('Ben', { room })]
  scenario.harness.faults!.cut(ada.peer)
  const sent: Sent[] = []
  for (const text of ['one', 'two', 'three', 'four']) sent.push(await send(scenario, ben, text))
  const [one, two, three] = sent
  await below(three!.seq)
  scenario.harness.faults!.heal(ada.peer)
  await scenario.until(() => ada.messages().length >= 2)
  const missed = ada.inbound.flatMap(item => (item.type === 'missed' ? [[item.from, item.to]] : []))
  same(missed.at(0), [one!.seq, two!.seq], 'messages that retention removed were not reported as missed')
  same(contents(ada.messages()), ['three', 'four'], 'what follows the missed messages did not arrive')
}

async function opensSessions(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  const { session, resumed, observable } = ada.opened
  for (const member of ['session_id', 'token', 'log'] as const)
    must(typeof session[member] === 'string' && session[member] !== '', `open names no ${member}`, session)
  same(
    [session.room, session.sender_id, resumed, observable],
    [scenario.harness.room, scenario.name('Ada'), false, undefined],
    'open names another room or name, or an earlier session',
  )
  same(ben.opened.session.log, session.log, 'two participants of one room have different logs')
  must(ben.opened.session.session_id !== session.session_id, 'two participants have one session', session.session_id)
  const { seq } = await send(scenario, ben, 'before')
  const cleo = await scenario.open('Cleo')
  same(cleo.opened.cursor, seq, 'a first join does not begin at the newest message')
}

async function returnsToSessions(scenario: TransportScenario): Promise<void> {
  const secret = 'a secret of more than sixteen bytes'
  const [ada, ben] = [await scenario.open('Ada', { secret }), await scenario.open('Ben')]
  const { session, cursor } = ada.opened
  same(session.secret, secret, 'open does not return the secret')
  const again = await scenario.open('Ada', { secret })
  same(again.opened.session.session_id, session.session_id, 'the secret did not open the same session again')
  await send(scenario, ben, 'one')
  await send(scenario, ben, 'two')
  const back = await scenario.open('Ada', { resume: { session: again.opened.session, after: cursor + 1 } })
  same(
    [back.opened.session.session_id, back.opened.resumed, back.opened.cursor],
    [session.session_id, true, cursor + 1],
    'open did not resume the session after the seq that it names',
  )
  await scenario.until(() => back.messages().length >= 1)
  same(contents(back.messages()), ['two'], 'a resumed session does not begin after the seq that it names')
}

async function tellsOfRejoin(scenario: TransportScenario): Promise<void> {
  const { faults, offers } = scenario.harness
  const [ada, ben] = [await scenario.open('Ada'), await scenario.open('Ben')]
  const { session } = ada.opened
  faults!.cut(ada.peer)
  await scenario.settle()
  await offers!.remove!(session.sender_id, false)
  const { seq } = await send(scenario, ben, 'meanwhile')
  faults!.heal(ada.peer)
  await scenario.until(() => ada.inbound.some(({ type }) => type === 'rejoined'))
  const [welcome] = ada.inbound.flatMap(item => (item.type === 'rejoined' ? [item.welcome] : []))
  must(welcome !== undefined, 'a new session after a lost one was not reported as rejoined', ada.inbound)
  must(welcome.session.session_id !== session.session_id, 'rejoined names the lost session', welcome)
  same(
    [welcome.session.room, welcome.session.sender_id, welcome.session.log, welcome.resumed, welcome.policy],
    [session.room, session.sender_id, session.log, false, 'hold'],
    'rejoined does not describe the new session',
  )
  must(welcome.cursor <= seq, 'rejoined begins above the newest message', welcome)
  must((await publish(scenario, ada, 'again', { base: seq })).sent, 'a publish after rejoined was held')
}

async function endsForGood(scenario: TransportScenario): Promise<void> {
  const { faults, offers } = scenario.harness
  const ada = await scenario.open('Ada')
  let completed = false
  ada.peer.link$.subscribe({
    complete: () => {
      completed = true
    },
  })
  faults!.cut(ada.peer)
  await scenario.settle()
  await offers!.remove!(ada.opened.session.sender_id, true)
  faults!.heal(ada.peer)
  await scenario.until(() => completed)
  const last = ada.links.at(-1)
  must(last?.state === 'lost', 'a participant that may not come back is not reported as lost', last)
  must(last.reason !== '', 'a lost link has no reason')
  must(completed, 'link$ did not complete after lost')
  const failure = await scenario.failure(publish(scenario, ada, 'too late'), 'a publish over a lost link')
  must(
    isMidsentenceError(failure) && failure.code === 'session-unknown',
    'a publish over a lost link did not fail with session-unknown',
    String(failure),
  )
}

async function showsDrafts(scenario: TransportScenario): Promise<void> {
  const { room, draftOf } = scenario.harness.offers!.observable!
  const ada = await scenario.open('Ada', { room })
  same(ada.opened.observable, true, 'open does not say that observers see drafts')
  const name = ada.opened.session.sender_id
  const show = async (texts: readonly string[], rev: number, expected: string) => {
    ada.peer.showDraft?.(
      texts.map(text => ({ type: 'appended', text, base: 0 })),
      rev,
    )
    await scenario.until(async () => (await draftOf(name)) === expected)
    same(await draftOf(name), expected, 'observers do not see the draft that was shown')
  }
  await show(['one '], 1, 'one ')
  await show(['two'], 2, 'one two')
  await show(['new', 'er'], 2, 'newer')
}

async function asksForCredential(scenario: TransportScenario): Promise<void> {
  const { room, credential } = scenario.harness.offers!.guarded!
  const without = scenario.peer(room).open({ room, username: scenario.name('Ada') })
  const refused = await scenario.failure(without, 'an open without a credential')
  must(isMidsentenceError(refused), 'an open without a credential failed without an error code', String(refused))
  await scenario.open('Ada', { room, credential })
}

async function saysWhoIsAPerson(scenario: TransportScenario): Promise<void> {
  const { room, credential } = scenario.harness.offers!.guarded!
  const open = (name: string, more: object) => scenario.open(name, { room, credential, ...more })
  const [ada, ben, cleo] = [await open('Ada', {}), await open('Ben', {}), await open('Cleo', { person: true })]
  for (const model of [ada, ben]) await send(scenario, model, 'a lap')
  const paused = await scenario.failure(publish(scenario, ada, 'one more'), 'a second message of a model')
  must(isMidsentenceError(paused) && paused.code === 'rate-limited', 'a model was not paused', String(paused))
  must((paused.data.retry_after_ms ?? 0) > 0, 'the error of a pause does not say how long it lasts', paused.data)
  await send(scenario, cleo, 'a person speaks')
  await send(scenario, ada, 'and a model answers')
}

/** A publish over a lost connection: whether its outcome is known depends on whether it is a retry. */
async function retriesAreUnknown(scenario: TransportScenario): Promise<void> {
  const ada = await scenario.open('Ada')
  scenario.harness.faults!.cut(ada.peer)
  await scenario.settle()
  for (const isRetry of [false, true]) {
    const error = await scenario.failure(publish(scenario, ada, 'x', { isRetry }), 'a publish over a lost connection')
    must(
      isMidsentenceError(error) && error.code === 'unavailable',
      'a publish did not fail with unavailable',
      String(error),
    )
    same(error.data.unknown === true, isRetry, 'a retry is reported as not sent, or a first attempt as unknown')
  }
}

/** Rules of single fields of the port: what a transport must carry in both directions. */
export const fieldRules: readonly TransportRule[] = [
  transportRule('P3', ['keys', 'faults'], retriesAreUnknown),
  transportRule('P7', ['conditional', 'ids'], verdictsDescribe),
  transportRule('P7', ['ids', 'durability'], promisesDurability),
  transportRule('H2', ['ids', 'annotating'], namesPolicy),
  transportRule('H3', ['ids', 'annotating'], namesWhatItCrossed),
  transportRule('F2', ['conditional', 'ids'], yieldsTheFloor),
  transportRule('F5', ['conditional', 'ids'], waitsAsAsked),
  transportRule('F6', ['conditional', 'ids'], namesOwnFloor),
  transportRule('B1', ['ids'], carriesMessages),
  transportRule('B2', ['ids'], carriesMeta),
  transportRule('L7', ['ids', 'resume', 'faults', 'forgetting'], reportsMissed),
  transportRule('L8', [], reportsPresence),
  transportRule('A3', ['ids', 'resume', 'keys'], returnsToSessions),
  transportRule('A6', ['ids'], opensSessions),
  transportRule('A6', ['ids', 'faults', 'remove'], tellsOfRejoin),
  transportRule('A8', ['observable'], showsDrafts),
  transportRule('A10', ['guarded'], asksForCredential),
  transportRule('O2', ['ids', 'faults', 'remove'], endsForGood),
  transportRule('Y4', ['guarded', 'ids'], saysWhoIsAPerson),
]
