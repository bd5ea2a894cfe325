import type { Message } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import type { TransportScenario } from './scenario.ts'
import { type ConversationTrace, expectedFor, pushesOf } from './script.ts'

const contents = (messages: readonly Message[]) => messages.map(message => message.content)

const isWithin = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = 0
  for (const item of whole) if (item === part[at]) at++
  return at === part.length
}

/** Checks that each sent message is in the room once, and that each client received all messages of others, in order. */
export function deliveredOnce({ observer, actors }: ConversationTrace, scenario: TransportScenario): void {
  const { resume, ids } = observer.peer.supports
  const room = observer.received
  const pushes = actors.map(({ client }) => ({ name: client.name, ...pushesOf(client) }))
  for (const { name, sent, perhaps } of pushes) {
    const found = contents(room.filter(message => message.sender_id === name))
    const certain = found.filter(content => !perhaps.includes(content))
    const expected = sent.map(push => push.content).filter(content => !perhaps.includes(content))
    same(certain, expected, 'the room does not hold exactly the messages that were sent')
  }
  const names = new Set(actors.map(({ client }) => client.name))
  same(
    contents(room.filter(message => !names.has(message.sender_id))),
    [],
    'the room has a message of somebody who did not join',
  )
  if (ids === true) {
    const sent = pushes.flatMap(({ sent }) => sent).toSorted((a, b) => a.seq - b.seq)
    const certain = room.filter(message => sent.some(push => push.seq === message.seq))
    same(
      contents(certain),
      sent.map(push => push.content),
      'the room has another order than the answers gave',
    )
  }
  for (const actorOf of actors) {
    const { client, cut } = actorOf
    const pushedLater = pushes.flatMap(({ sent }) => sent.filter(push => push.order > client.joinOrder))
    const expected = contents(expectedFor(actorOf, room, new Set(pushedLater.map(({ seq }) => seq))))
    const got = client.contents
    if (resume === true || !cut) same(got, expected, 'a client did not receive exactly the messages of others')
    else
      must(isWithin(got, expected), 'a client received unknown messages, or in another order', {
        got,
        expected,
      })
    const { waiting, unseen } = client.participant.view
    must(!waiting || unseen === 0, 'a check waits although a message has arrived')
  }
  must(scenario.clients.length > 0, 'no client joined')
}

/** Checks that each client knows messages in the order of the room. */
export function oneOrder({ observer, actors }: ConversationTrace): void {
  const { ids } = observer.peer.supports
  const room = observer.received
  for (const { client } of actors) {
    const sent = pushesOf(client).sent
    const known = [...client.received, ...sent].toSorted((a, b) => a.seq - b.seq).map(m => m.content)
    must(new Set(known).size === known.length, 'a message appears twice', known)
    const order = contents(room).filter(content => known.includes(content))
    same(known, order, 'two clients know different orders')
    if (ids !== true) continue
    for (const message of client.received) {
      const twin = room.find(other => other.seq === message.seq)
      same(message, twin, 'two clients know different messages by one seq')
    }
  }
  if (ids !== true) return
  for (const [at, message] of room.entries()) {
    must(at === 0 || message.seq === room[at - 1]!.seq + 1, 'a seq is missing', message)
  }
}

/** Checks that no message crosses one that its author had not received at the call, and that each hold has a reason. */
export function holdsAreJust({ observer, actors }: ConversationTrace): void {
  const room = observer.received
  for (const { client } of actors) {
    const { sent, held } = pushesOf(client)
    const others = room.filter(message => message.sender_id !== client.name)
    for (const { content, base, seq } of sent) {
      const message = room.find(m => m.seq === seq)
      same(
        [message?.content, message?.base],
        [content, base],
        'a push was not judged by its author’s cursor at the call',
      )
      const crossed = others.filter(m => m.seq > base && m.seq < seq).map(m => m.content)
      same(crossed, [], 'a push was sent across a message that its author had not received')
    }
    for (const { base, floor } of held) {
      must(
        floor || others.some(message => message.seq > base),
        'a push was held although its author had received everything',
        { base },
      )
    }
  }
}
