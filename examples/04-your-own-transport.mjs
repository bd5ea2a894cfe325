// A transport connects one participant to one room. Here the room is an array and an event emitter; use your queue,
// socket or database instead. It has no floor, so a participant could be held forever.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { BehaviorSubject, ReplaySubject } from 'rxjs'

const log = { id: crypto.randomUUID(), messages: [], names: new Set(), emitter: new EventEmitter() }

function arrayTransport() {
  const inbound$ = new ReplaySubject()
  const link$ = new BehaviorSubject({ state: 'down', reason: 'Not connected yet.' })
  const deliver = message => inbound$.next({ type: 'message', message })
  let name
  return {
    supports: {
      ids: true,
      resume: true,
      echo: true,
      conditional: true,
      keys: { no: 'No response is lost in one process.' },
    },
    inbound$,
    link$,
    async open({ room, username }) {
      if (log.names.has(username))
        throw new MidsentenceError('name-taken', `The name ${username} is taken: choose another.`)
      name = username
      log.names.add(name)
      log.emitter.on('message', deliver)
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
      log.emitter.emit('message', log.messages.at(-1))
      return { sent: true, ...stamp, durability: 'memory' }
    },
    resume: after => log.messages.slice(after).forEach(deliver),
    yield() {},
    async close() {
      log.names.delete(name)
      log.emitter.off('message', deliver)
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
