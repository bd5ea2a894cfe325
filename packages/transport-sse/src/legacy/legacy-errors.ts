import { MidsentenceError, quotedName } from '@midsentence/core'
import type { LegacyReply } from './legacy-http.ts'

/** The errors of this transport. Each message says what to do. */
export const legacyErrors = {
  closed: () =>
    new MidsentenceError('session-unknown', 'The connection to the room is closed. Join again to continue.'),

  room: (room: string) =>
    new MidsentenceError(
      'room-unavailable',
      `There is no room ${JSON.stringify(room)}: this server has one room only. Join "lobby".`,
    ),

  nameOfServer: (name: string) =>
    new MidsentenceError('name-taken', `${quotedName(name)} is the name of the server itself. Choose another name.`),

  nameTaken: (name: string) =>
    new MidsentenceError(
      'name-taken',
      `The name ${JSON.stringify(name)} is taken. Choose another name. If your own crashed run left it, set reclaim: true.`,
      { data: { reason: 'occupied' } },
    ),

  noServer: (url: string, cause?: unknown) =>
    new MidsentenceError('unavailable', `No chat server answers at ${url}.`, {
      cause,
      remedy: 'start it there (python3 server.py with its --host and --port), or check the address',
    }),

  redirected: (url: string, target: string) =>
    new MidsentenceError('unavailable', `The server at ${url} redirects to ${target}`, {
      remedy: 'use that address instead',
    }),

  otherDialect: (url: string, { status }: LegacyReply) =>
    new MidsentenceError(
      'unavailable',
      `What answers at ${url} is not the existing Python chat server: it answered ${status} to a registration.`,
      { remedy: 'start that server there (python3 server.py with its --host and --port), or check the address' },
    ),

  neitherDialect: (url: string, { status }: LegacyReply) =>
    new MidsentenceError(
      'unavailable',
      `Neither a midsentence server nor the Python chat server answers at ${url} (it answered ${status}). Is the server mounted under another path?`,
      { remedy: 'check the address, or start one there with npx midsentence serve' },
    ),

  troubled: (url: string, { status }: LegacyReply) =>
    new MidsentenceError('unavailable', `The chat server at ${url} cannot accept you now (it answered ${status}).`, {
      remedy: 'restart it with python3 server.py if trying again does not help',
    }),

  noEvents: (url: string, reason: string) =>
    new MidsentenceError('unavailable', `The chat server at ${url} gives no messages: ${reason}.`, {
      remedy: 'restart it (python3 server.py with its --host and --port)',
    }),

  invalidName: (name: string, { status }: LegacyReply) =>
    new MidsentenceError('invalid-params', `The server does not accept the name ${JSON.stringify(name)} (${status}).`, {
      remedy: 'choose another name',
    }),

  notSent: (why: string, cause?: unknown) =>
    new MidsentenceError('unavailable', `Your message was not sent: ${why}. Your draft is kept. Push again later.`, {
      cause,
    }),

  notAccepted: ({ status }: LegacyReply) =>
    new MidsentenceError(
      'invalid-params',
      `Your message was not sent: the server refused it (${status}). Your draft is kept.`,
    ),

  tooMany: ({ status }: LegacyReply) =>
    new MidsentenceError(
      'rate-limited',
      `Your message was not sent: the server limits its rate (${status}). Your draft is kept. Push again later.`,
    ),

  notCertain: () =>
    new MidsentenceError(
      'unavailable',
      'It is not certain whether your message was sent: it did not come back from the room. Your draft is kept. Check for it among the messages before you push again.',
      { data: { unknown: true } },
    ),
}
