import type { Message } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import type { Stage } from './scenario.ts'
import { dueTo, pushesOf, type Trace } from './script.ts'
import { conversations, type TransportRule, transportRule } from './transport-rule.ts'

const contents = (messages: readonly Message[]) => messages.map(message => message.content)

const isWithin = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = 0
  for (const item of whole) if (item === part[at]) at++
  return at === part.length
}

/** What was sent is in the room once, and everybody was given all that others said, once, in order. */
export function deliveredOnce({ observer, cast }: Trace, stage: Stage): void {
  const { resume, ids } = observer.peer.supports
  const room = observer.given
  const said = cast.map(({ speaker }) => ({ name: speaker.name, ...pushesOf(speaker) }))
  for (const { name, sent, perhaps } of said) {
    const heard = contents(room.filter(message => message.sender_id === name))
    const certain = heard.filter(content => !perhaps.includes(content))
    const expected = sent.map(push => push.content).filter(content => !perhaps.includes(content))
    same(certain, expected, 'the room does not hold exactly what was sent')
  }
  const names = new Set(cast.map(({ speaker }) => speaker.name))
  same(contents(room.filter(message => !names.has(message.sender_id))), [], 'somebody spoke who was not there')
  if (ids === true) {
    const sent = said.flatMap(s => s.sent).toSorted((a, b) => a.seq - b.seq)
    const certain = room.filter(message => sent.some(push => push.seq === message.seq))
    same(
      contents(certain),
      sent.map(push => push.content),
      'the room has another order than the answers said',
    )
  }
  for (const actor of cast) {
    const { speaker, cut } = actor
    const due = contents(dueTo(actor, room))
    const got = speaker.contents
    if (resume === true || !cut) same(got, due, 'what was given is not what others said')
    else must(isWithin(got, due), 'what was given is no part of what others said', { got, due })
    const { waiting, unseen } = speaker.participant.view
    must(!waiting || unseen === 0, 'a check sleeps over what arrived')
  }
  must(stage.speakers.length > 0, 'nobody was there')
}

/** Whatever one was given and sent stands in the order in which the room stands for everybody else. */
export function oneOrder({ observer, cast }: Trace): void {
  const { ids } = observer.peer.supports
  const room = observer.given
  for (const { speaker } of cast) {
    const sent = pushesOf(speaker).sent
    const known = [...speaker.given, ...sent].toSorted((a, b) => a.seq - b.seq).map(m => m.content)
    must(new Set(known).size === known.length, 'something was said twice', known)
    const order = contents(room).filter(content => known.includes(content))
    same(known, order, 'two participants know different orders')
    if (ids !== true) continue
    for (const message of speaker.given) {
      const twin = room.find(other => other.seq === message.seq)
      same(message, twin, 'two participants know different messages by one seq')
    }
  }
  if (ids !== true) return
  for (const [at, message] of room.entries()) {
    must(at === 0 || message.seq === room[at - 1]!.seq + 1, 'a seq was left out', message)
  }
}

async function gapsAreAskedFor(stage: Stage): Promise<void> {
  const ben = await stage.join('Ben')
  const ada = await stage.open('Ada')
  const { cursor } = ada.welcome
  for (const text of ['one', 'two', 'three']) await stage.say(ben, text)
  await stage.settle()
  same(contents(ada.messages()), ['one', 'two', 'three'], 'what was said did not come in')
  ada.inbound.length = 0
  ada.peer.resume(cursor + 1)
  await stage.settle()
  same(contents(ada.messages()), ['two', 'three'], 'resume did not give again all that is later')
  ada.inbound.length = 0
  stage.bench.faults?.cut(ada.peer)
  await stage.say(ben, 'meanwhile')
  stage.bench.faults?.heal(ada.peer)
  await stage.settle()
  must(
    contents(ada.messages()).includes('meanwhile'),
    'what was said during a cut did not come in behind it',
    ada.inbound,
  )
}

async function oneHearsOthers(stage: Stage): Promise<void> {
  const [ada, ben] = [await stage.join('Ada'), await stage.join('Ben')]
  const cleo = await stage.open('Cleo')
  await stage.say(ada, 'I am Ada')
  await stage.say(ben, 'and I am Ben')
  await stage.say(ada, 'hello Ben')
  await stage.readAll()
  same(ada.contents, ['and I am Ben'], 'one heard not exactly what others said')
  same(ben.contents, ['I am Ada', 'hello Ben'], 'one heard not exactly what others said')
  const base = cleo.messages().at(-1)?.seq ?? cleo.welcome.cursor
  const publish = cleo.peer.publish({ content: 'me too', base, key: crypto.randomUUID(), isRetry: false })
  const verdict = await stage.within(publish, 'publish')
  must(verdict.sent, 'a publish that had seen everything was held', verdict)
  await stage.settle()
  const own = cleo.messages().filter(message => message.content === 'me too')
  const echoed = cleo.peer.supports.echo === true
  same(
    own.map(message => message.seq),
    echoed ? [verdict.seq] : [],
    'own messages come back otherwise than supports says',
  )
}

export const deliveryRules: readonly TransportRule[] = [
  transportRule('L1', [], undefined, conversations(deliveredOnce)),
  transportRule('L2', [], undefined, conversations(oneOrder)),
  transportRule('L3', ['resume', 'ids'], gapsAreAskedFor),
  transportRule('L4', [], oneHearsOthers),
]
