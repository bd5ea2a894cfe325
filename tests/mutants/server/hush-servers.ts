import type { ServerMutant } from './servers.ts'

/** Bugs of a server that silences models, or lets them rest. */
export const hushServers: readonly ServerMutant[] = [
  {
    name: 'a model may silence the others',
    breaks: 'Y5',
    bug: { session: (session, { hub }) => ({ hush: on => hub.admin!.hush(session.joinResult.room, on) }) },
  },
  {
    name: 'a hush does not stop publish',
    breaks: 'Y5',
    bug: {
      session: (session, { hub }) => ({
        publish: (request, options) => {
          hub.admin!.hush(session.joinResult.room, false)
          return session.publish(request, options)
        },
      }),
    },
  },
  {
    name: 'a hush ends no waiting check',
    breaks: 'Y5',
    bug: {
      session: session => ({
        check: async (request, options) => {
          const answer = await session.check(request, options)
          return answer.status === 0 && request?.timeout_ms ? session.check(request, options) : answer
        },
      }),
    },
  },
  {
    name: 'models may answer each other without end',
    breaks: 'Y4',
    bug: { session: session => ({ publish: ({ meta: _, ...rest }, options) => session.publish(rest, options) }) },
  },
  {
    name: 'the loop guard counts programs that do not say that they are models',
    breaks: 'Y4',
    bug: {
      session: session => ({
        publish: (request, options) => session.publish({ ...request, meta: { by: 'model' } }, options),
      }),
    },
  },
  {
    name: 'a stream tells only that a hush begins',
    breaks: 'Y5',
    bug: { event: event => (event.event === 'hush' && event.data.includes('false') ? undefined : event) },
  },
  {
    name: 'a message of a person does not end a hush',
    breaks: 'Y5',
    bug: {
      session: (session, { hub }) => {
        let hushed = false
        return {
          hush: on => {
            const changed = session.hush(on)
            hushed = on
            return changed
          },
          push: async (request, options) => {
            const answer = await session.push(request, options)
            if (hushed) hub.admin!.hush(session.joinResult.room, true)
            return answer
          },
        }
      },
    },
  },
]
