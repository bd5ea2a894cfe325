import { defaultPolicy, isMidsentenceError, type Message, type RoomSettings } from '@midsentence/core'
import type { ServerMutant } from './servers.ts'

const rooms = (settings: Partial<RoomSettings>) => ({ policy: { ...defaultPolicy, room: () => settings } })

/** More bugs of a server, each with the rule that catches it. */
export const moreBrokenServers: readonly ServerMutant[] = [
  {
    name: 'undo takes two segments',
    breaks: 'D2',
    bug: {
      session: session => ({
        undo: async (request, options) => {
          await session.undo({}, { notification: true })
          return session.undo(request, options)
        },
      }),
    },
  },
  {
    name: 'undo of an empty draft returns 1',
    breaks: 'D3',
    bug: {
      session: session => ({ undo: async (...args) => ({ ...(await session.undo(...args)), status: 1 }) }),
    },
  },
  {
    name: 'reset takes back one segment',
    breaks: 'D4',
    bug: { session: session => ({ reset: async (...args) => ({ ...(await session.undo(...args)), status: 1 }) }) },
  },
  {
    name: 'a cut append returns 1',
    breaks: 'D5',
    bug: {
      session: session => ({
        append: async (...args) => {
          const answer = await session.append(...args)
          return answer.status === 2 ? { ...answer, status: 1 } : answer
        },
      }),
    },
  },
  {
    name: 'a cut keeps the end of the text',
    breaks: 'T1',
    bug: {
      session: session => ({
        append: (request, options) =>
          session.append({ ...request, text: [...request.text].slice(-1000).join('') }, options),
      }),
    },
  },
  {
    name: 'a text is cut inside a cluster',
    breaks: 'T2',
    bug: {
      session: session => ({
        append: (request, options) =>
          session.append({ ...request, text: [...request.text].slice(0, 1000).join('') }, options),
      }),
    },
  },
  {
    name: 'a draft has no maximum',
    breaks: 'T3',
    bug: { options: { policy: { ...defaultPolicy, limits: () => ({ draft: 1e6 }) } } },
  },
  {
    name: 'line breaks are normalised',
    breaks: 'T4',
    bug: {
      session: session => ({
        append: (request, options) =>
          session.append({ ...request, text: request.text.replaceAll('\r\n', '\n') }, options),
      }),
    },
  },
  {
    name: 'a suffix lacks the last character',
    breaks: 'S1',
    bug: {
      session: session => ({
        append: async (...args) => {
          const answer = await session.append(...args)
          return { ...answer, suffix: [...answer.suffix].slice(0, -1).join('') }
        },
      }),
    },
  },
  {
    name: 'a suffix is the last 80 characters, regardless of boundaries',
    breaks: 'S2',
    bug: {
      session: session => ({
        append: async (...args) => {
          const answer = await session.append(...args)
          const { draft } = await session.preview({}, { notification: true })
          return { ...answer, suffix: [...draft].slice(-80).join('') }
        },
      }),
    },
  },
  {
    name: 'preview trims the draft',
    breaks: 'P1',
    bug: {
      session: session => ({
        preview: async (...args) => {
          const answer = await session.preview(...args)
          return { ...answer, draft: answer.draft.trim() }
        },
      }),
    },
  },
  {
    name: 'an empty push is a success without a message',
    breaks: 'P2',
    bug: {
      session: session => ({
        push: async (request, options) => {
          try {
            return await session.push(request, options)
          } catch (error) {
            if (!isMidsentenceError(error) || error.code !== 'no-draft') throw error
            const { messages, cursor } = await session.preview(request, options)
            return { status: 0, held: true, suffix: '', segments: 0, messages, cursor }
          }
        },
      }),
    },
  },
  {
    name: 'a held push removes the last segment',
    breaks: 'P3',
    bug: {
      session: session => ({
        push: async (...args) => {
          const answer = await session.push(...args)
          if (answer.status === 0) await session.undo({}, { notification: true })
          return answer
        },
      }),
    },
  },
  {
    name: 'a segment written before a hold is reported as written after it',
    breaks: 'P3',
    bug: {
      session: session => ({
        preview: async (...args) => {
          const answer = await session.preview(...args)
          const { cursor } = session.snapshotCursor()
          return { ...answer, segments: answer.segments.map(segment => ({ ...segment, base: cursor })) }
        },
      }),
    },
  },
  {
    name: 'every retry of a publish gets a new key',
    breaks: 'P4',
    bug: {
      session: session => {
        let nth = 0
        return {
          publish: (request, options) => session.publish({ ...request, key: `${request.key} ${nth++}` }, options),
        }
      },
    },
  },
  {
    name: 'a call after a push overtakes it',
    breaks: 'P5',
    bug: {
      session: session => ({
        push: async (request = {}, options = {}) => {
          for (;;) {
            const answer = await session.push({ ...request, timeout_ms: 0 }, options)
            const waits = answer.held && answer.floor && answer.floor.name !== session.joinResult.sender_id
            if (!waits || request.timeout_ms === 0) return answer
            await new Promise(resolve => setImmediate(resolve))
          }
        },
      }),
    },
  },
  { name: 'holds never earn the floor', breaks: 'P6', bug: { options: rooms({ holds_for_floor: 1000 }) } },
  { name: 'a room that annotates holds', breaks: 'H2', bug: { options: rooms({ policy: 'hold' }) } },
  {
    name: 'crossed messages are not reported',
    breaks: 'H3',
    bug: { reply: reply => reply?.replaceAll('"crossed":', '"passed":') },
  },
  {
    name: 'crossed has no bound',
    breaks: 'H3',
    bug: {
      session: session => ({
        publish: async (request, options) => {
          const answer = await session.publish(request, options)
          if (answer.held || !answer.crossed_more) return answer
          const first = answer.crossed![0]! - answer.crossed_more
          const all = Array.from({ length: answer.seq - first }, (_, at) => first + at)
          return { ...answer, crossed: all }
        },
      }),
    },
  },
  { name: 'the floor takes four holds', breaks: 'F1', bug: { options: rooms({ holds_for_floor: 4 }) } },
  {
    name: 'the owner of the floor is held',
    breaks: 'F1',
    bug: {
      session: session => ({
        push: async (request, options) => {
          const mine = (await session.who()).floor?.name === session.joinResult.sender_id
          if (!mine) return session.push(request, options)
          const { suffix, messages, cursor, segments } = await session.preview(request)
          return { status: 0, held: true, suffix, segments: segments.length, messages, cursor }
        },
      }),
    },
  },
  { name: 'yield does not end the floor', breaks: 'F2', bug: { session: () => ({ yield: () => true }) } },
  { name: 'a floor lasts ten minutes', breaks: 'F2', bug: { options: rooms({ floor_ms: 600_000 }) } },
  { name: 'an unused floor needs no rest', breaks: 'F3', bug: { options: rooms({ idle_rest: 0 }) } },
  { name: 'an unused floor needs an endless rest', breaks: 'F3', bug: { options: rooms({ idle_rest: 1e6 }) } },
  {
    name: 'a push does not wait for a floor',
    breaks: 'F4',
    bug: { session: session => ({ push: (request, options) => session.push({ ...request, timeout_ms: 0 }, options) }) },
  },
  {
    name: 'a timed-out wait does not count',
    breaks: 'F5',
    bug: {
      session: session => ({
        push: async (request, options) => {
          const { floor } = await session.who()
          if (!floor || floor.name === session.joinResult.sender_id) return session.push(request, options)
          const { suffix, segments, messages, cursor } = await session.preview(request, options)
          return { status: 0, held: true, suffix, segments: segments.length, floor, messages, cursor }
        },
      }),
    },
  },
  {
    name: 'undo loses new messages',
    breaks: 'L1',
    bug: { session: session => ({ undo: async (...args) => ({ ...(await session.undo(...args)), messages: [] }) }) },
  },
  {
    name: 'a check delivers the newest message first',
    breaks: 'L2',
    bug: {
      session: session => ({
        check: async (...args) => {
          const answer = await session.check(...args)
          return { ...answer, messages: answer.messages.toReversed() }
        },
      }),
    },
  },
  {
    name: 'a check delivers own messages',
    breaks: 'L4',
    bug: {
      session: session => {
        const own: Message[] = []
        const { sender_id } = session.joinResult
        return {
          publish: async (request, options) => {
            const answer = await session.publish(request, options)
            if (answer.held) return answer
            const { message_id, timestamp, seq } = answer
            own.push({ message_id, timestamp, seq, sender_id, content: request.content })
            return answer
          },
          check: async (...args) => {
            const answer = await session.check(...args)
            return { ...answer, messages: [...answer.messages, ...own.splice(0)] }
          },
        }
      },
    },
  },
  {
    name: 'an earlier check keeps waiting, and later ones get nothing',
    breaks: 'C2',
    bug: {
      session: session => {
        let waiting: Promise<unknown> | undefined
        return {
          check: async (request = {}, options = {}) => {
            if (waiting) return { status: 0, messages: [], cursor: session.snapshotCursor().cursor }
            const check = session.check(request, options)
            waiting = check.finally(() => {
              waiting = undefined
            })
            return check
          },
        }
      },
    },
  },
  {
    name: 'an aborted check takes the next message',
    breaks: 'C3',
    bug: { session: session => ({ check: request => session.check(request) }) },
  },
]
