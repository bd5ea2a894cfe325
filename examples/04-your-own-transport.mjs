// A transport is one line between one participant and one room. This one leads to a room that is an array and an event
// emitter; put your queue, socket or database in their place. (No floors here: somebody could be held for ever.)
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { BehaviorSubject, ReplaySubject } from 'rxjs'

const log = { id: crypto.randomUUID(), messages: [], names: new Set(), bell: new EventEmitter() }

function arrayTransport() {
  const inbound$ = new ReplaySubject()
  const link$ = new BehaviorSubject({ state: 'down', reason: 'Not connected yet.' })
  const hear = message => inbound$.next({ type: 'message', message })
  let name
  return {
    supports: { ids: true, resume: true, echo: true, conditional: true, keys: { no: 'No answer is ever lost here.' } },
    inbound$,
    link$,
    async open({ room, username }) {
      if (log.names.has(username)) throw new MidsentenceError('name-taken', `${username} is here: choose another name.`)
      name = username
      log.names.add(name)
      log.bell.on('message', hear)
      link$.next({ state: 'up' })
      const session = { session_id: username, token: '', room, sender_id: username, log: log.id }
      return { session, cursor: log.messages.length, policy: 'hold', resumed: false }
    },
    async publish({ content, base }) {
      const unseen = log.messages.slice(base).filter(({ sender_id }) => sender_id !== name)
      if (unseen.length > 0) return { sent: false, messages: unseen }
      const seq = log.messages.length + 1
      const stamp = { message_id: `${log.id}-${seq}`, timestamp: new Date().toISOString(), seq }
      log.messages.push({ ...stamp, sender_id: name, content, base })
      log.bell.emit('message', log.messages.at(-1))
      return { sent: true, ...stamp, durability: 'memory' }
    },
    resume: after => log.messages.slice(after).forEach(hear),
    yield() {},
    async close() {
      log.names.delete(name)
      log.bell.off('message', hear)
      inbound$.complete()
      link$.complete()
    },
  }
}

const [ada, ben] = ['Ada', 'Ben'].map(username => new AsyncChatRoom({ username, transport: arrayTransport() }))
await Promise.all([ada.append('Do you hear me?'), ben.append('Hello?')])
assert.equal(await ada.push(), '')
assert.match(await ben.push(), /^Ada: Do you hear me\?\n\* Not sent yet: 1 message arrived/)
await ben.reset()
await ben.append('Loud and clear.')
assert.equal(await ben.push(), '')
console.log(await ada.check())
