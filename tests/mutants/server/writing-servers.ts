import type { ServerMutant } from './servers.ts'

/** Bugs of a server in who is writing. */
export const brokenWriting: readonly ServerMutant[] = [
  {
    name: 'a participant still writes after its push',
    breaks: 'L10',
    bug: {
      session: session => ({
        push: async (...args) => {
          const answer = await session.push(...args)
          session.showWriting(true)
          return answer
        },
      }),
    },
  },
  {
    name: 'a participant still writes after its publish',
    breaks: 'L10',
    bug: {
      session: session => ({
        publish: async (...args) => {
          const answer = await session.publish(...args)
          session.showWriting(true)
          return answer
        },
      }),
    },
  },
  {
    name: 'who shows what a participant writes',
    breaks: 'L10',
    bug: { reply: reply => reply?.replaceAll('"writing":true', '"writing":"Hel"') },
  },
  {
    name: 'a stream shows what a participant writes',
    breaks: 'L10',
    bug: {
      event: event => ({ ...event, data: event.data.replace('"writing":true', '"writing":true,"text":"Hel"') }),
    },
  },
  {
    name: 'a stream does not tell who is writing',
    breaks: 'L10',
    bug: {
      session: session => ({
        subscribe: ({ writing: _, ...listener }, after) => session.subscribe(listener, after),
      }),
    },
  },
  {
    name: 'a stream does not tell who stopped writing',
    breaks: 'L10',
    bug: {
      session: session => ({
        subscribe: (listener, after) =>
          session.subscribe(
            {
              ...listener,
              writing: changes => listener.writing?.(new Map([...changes].filter(([, { writing }]) => writing))),
            },
            after,
          ),
      }),
    },
  },
  {
    name: 'writing is shown although its participant turned it off',
    breaks: 'L10',
    bug: { hub: hub => ({ join: ({ typing_indicator: _, ...request }) => hub.join(request) }) },
  },
  {
    name: 'a participant writes for ever',
    breaks: 'L10',
    bug: { options: { times: { writing_ms: 1e9 } } },
  },
  {
    name: 'hosted drafts are not seen as writing',
    breaks: 'L10',
    bug: {
      session: session => ({
        who: async () => {
          const { participants, ...rest } = await session.who()
          return { participants: participants.map(({ writing: _, ...each }) => each), ...rest }
        },
      }),
    },
  },
]
