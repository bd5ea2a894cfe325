import type { ServerMutant } from './servers.ts'

/** Bugs of a server that checks names. */
export const brokenNames: readonly ServerMutant[] = [
  {
    name: 'the refusal of a taken name gives no reason',
    breaks: 'A2',
    bug: { reply: text => text?.replace('"reason":"occupied"', '"reason":"taken"') },
  },
  {
    name: 'a name that cannot be used is called occupied',
    breaks: 'A2',
    bug: {
      reply: text => text?.replace(/("message":"This name cannot be used[^"]*")/, '$1,"data":{"reason":"occupied"}'),
    },
  },
  {
    name: 'a join under a taken name gets another name',
    breaks: 'A2',
    bug: {
      hub: hub => ({
        join: request => hub.join(request).catch(() => hub.join({ ...request, username: `${request.username} 2` })),
      }),
    },
  },
  {
    name: 'invalid names are repaired instead of refused',
    breaks: 'A2',
    bug: {
      hub: hub => ({
        join: request => hub.join({ ...request, username: request.username.replace(/[\n:*\u202e\0]/g, '') }),
      }),
    },
  },
  {
    name: 'fillers and variation selectors in a name are dropped',
    breaks: 'A2',
    bug: {
      hub: hub => ({
        join: request =>
          hub.join({ ...request, username: request.username.replace(/\u3164|\u115f|\u2800|\ufe0f/g, '') }),
      }),
    },
  },
  {
    name: 'the room .. is another name of the lobby',
    breaks: 'A2',
    bug: {
      hub: hub => ({
        join: ({ room, ...request }) =>
          hub.join(room === '..' ? request : { ...request, ...(room !== undefined && { room }) }),
      }),
    },
  },
]
