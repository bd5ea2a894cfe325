import { type CheckAnswer, isMidsentenceError, type PushAnswer } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import { override } from '@midsentence/testing/override'
import type { ServerMutant } from './servers.ts'

type Keyed = { readonly key?: string }

/** Executes repeated calls again if `forgets` accepts their outcome. */
function forgetting(forgets: (outcome: unknown) => boolean) {
  const forgotten = new Map<string, number>()
  return <R extends Keyed, A>(request: R, call: (request: R) => Promise<A>): Promise<A> => {
    const { key } = request
    if (key === undefined) return call(request)
    const times = forgotten.get(key) ?? 0
    const look = (outcome: unknown) => {
      if (forgets(outcome)) forgotten.set(key, times + 1)
    }
    const answer = call(times === 0 ? request : { ...request, key: `${key} ${times}` })
    answer.then(look, look)
    return answer
  }
}

const keysForgetting = (forgets: (outcome: unknown) => boolean) => (session: HubSession) => {
  const tried = forgetting(forgets)
  return {
    append: (request, options) => tried(request, how => session.append(how, options)),
    undo: (request = {}, options) => tried(request, how => session.undo(how, options)),
    push: (request = {}, options) => tried(request, how => session.push(how, options)),
  } satisfies Partial<HubSession>
}

const timedOutAtFloor = (outcome: unknown): boolean => {
  const { held, floor, messages } = outcome as Partial<Extract<PushAnswer, { held: true }>>
  return held === true && floor !== undefined && messages?.length === 0
}

/** Bugs in waiting calls and their answers, each with the rule that catches it. */
export const waitingServers: readonly ServerMutant[] = [
  {
    name: 'a status 0 is not remembered under its key',
    breaks: 'R1',
    bug: {
      session: keysForgetting(outcome => (outcome as CheckAnswer).status === 0 && !('held' in (outcome as object))),
    },
  },
  {
    name: 'an error is not remembered under its key',
    breaks: 'R1',
    bug: { session: keysForgetting(isMidsentenceError) },
  },
  {
    name: 'a wait for the floor is not remembered under its key',
    breaks: 'R1',
    bug: { session: keysForgetting(timedOutAtFloor) },
  },
  {
    name: 'a retry is judged while its first call still waits',
    breaks: 'R1',
    bug: {
      session: session => {
        const waiting = new Set<string>()
        return {
          push: (request = {}, options) => {
            const { key } = request
            if (key === undefined) return session.push(request, options)
            if (waiting.has(key)) return session.push({ ...request, key: `${key} again` }, options)
            waiting.add(key)
            return session.push(request, options).finally(() => waiting.delete(key))
          },
        }
      },
    },
  },
  {
    name: 'a reset clears the count of holds',
    breaks: 'F1',
    bug: {
      options: { policy: { room: () => ({}), limits: () => ({}), access: () => ({ history: true }) } },
      hub: hub => {
        // A new session of the same name has a new streak.
        const now = new Map<string, string>()
        const enter = (token: string): HubSession => {
          const session = hub.enter(now.get(token) ?? token)
          const reset: HubSession['reset'] = async (request, options) => {
            const answer = await session.reset(request, options)
            const { room, sender_id: username } = session.joinResult
            await session.leave()
            const next = await hub.join({ room, username, since: answer.cursor })
            now.set(token, next.joinResult.token)
            return answer
          }
          return override(session, { reset })
        }
        return { enter }
      },
    },
  },
  {
    name: 'a check by the owner of the floor waits',
    breaks: 'F2',
    bug: {
      session: (session, { clock }) => ({
        check: async (request, options) => {
          const answer = await session.check(request, options)
          const { timeout_ms = 25_000 } = request ?? {}
          if (!answer.floor || timeout_ms === 0) return answer
          await new Promise<void>(resolve => clock!.after(timeout_ms, resolve))
          return answer
        },
      }),
    },
  },
  {
    name: 'a check loses a message that arrives at its timeout',
    breaks: 'L1',
    bug: {
      session: (session, { clock }) => ({
        check: (request = {}, options) => {
          const { timeout_ms = 25_000 } = request
          if (timeout_ms === 0) return session.check(request, options)
          const late = new Promise<CheckAnswer>(resolve =>
            clock!.after(timeout_ms, () =>
              resolve({ status: 0, messages: [], cursor: session.snapshotCursor().cursor }),
            ),
          )
          return Promise.race([session.check({ ...request, timeout_ms: timeout_ms + 1 }, options), late])
        },
      }),
    },
  },
  {
    name: 'a later check takes the messages of an earlier one',
    breaks: 'L1',
    bug: {
      session: session => {
        let end = () => {}
        return {
          check: (request, options) => {
            end()
            const ended = new Promise<void>(resolve => {
              end = resolve
            })
            const nothing = () => ({ status: 0 as const, messages: [], cursor: session.snapshotCursor().cursor })
            return Promise.race([session.check(request, options), ended.then(nothing)])
          },
        }
      },
    },
  },
  {
    name: 'the earlier check wins',
    breaks: 'C1',
    bug: {
      session: session => {
        let waiting = 0
        return {
          check: async (request, options) => {
            if (waiting > 0) return { status: 0, messages: [], cursor: session.snapshotCursor().cursor }
            waiting++
            return session.check(request, options).finally(() => waiting--)
          },
        }
      },
    },
  },
  {
    name: 'a check delivers a message to only one session',
    breaks: 'H1',
    bug: {
      session: (session, { hub }) => {
        const read = readIn(hub)
        return {
          check: async (request, options) => {
            const answer = await session.check(request, options)
            const messages = answer.messages.filter(({ seq }) => !read.has(seq))
            for (const { seq } of messages) read.add(seq)
            return { ...answer, messages, status: messages.length > 0 ? 1 : 0 }
          },
        }
      },
    },
  },
  {
    name: 'streamed messages count as delivered',
    breaks: 'L5',
    bug: {
      session: session => ({
        subscribe: (listener, after) =>
          session.subscribe(
            {
              ...listener,
              messages: batch => {
                const through = batch.at(-1)!.seq
                queueMicrotask(() => void session.preview({ after: through }).catch(() => {}))
                return listener.messages(batch)
              },
            },
            after,
          ),
      }),
    },
  },
  {
    name: 'a page is skipped if there is more',
    breaks: 'L5',
    bug: {
      session: session => ({
        check: async (request, options) => {
          const answer = await session.check(request, options)
          if (answer.more) await session.check({ timeout_ms: 0 })
          return answer
        },
      }),
    },
  },
  {
    name: 'a cursor moves past messages that were not shown',
    breaks: 'L5',
    bug: {
      session: session => ({
        check: async (request, options) => {
          const answer = await session.check(request, options)
          return answer.messages.length > 99 ? { ...answer, messages: answer.messages.slice(0, 99) } : answer
        },
      }),
    },
  },
]

const readers = new WeakMap<object, Set<number>>()

/** Returns the seqs that any session of a hub has read. */
function readIn(hub: object): Set<number> {
  const read = readers.get(hub) ?? new Set()
  readers.set(hub, read)
  return read
}
