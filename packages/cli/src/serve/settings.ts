import { defaultAddressRate, defaultCallRate } from '@midsentence/server'
import { amount, file, list, oneOf, onOff, text } from '../settings/setting.ts'
import { usageError } from '../usage-error.ts'
import { portOf } from '../values.ts'

/** Everything that can be set about a server, once: flags, environment, file, help and docs/operating.md come from here. */
export const settings = {
  host: text(
    'HOST',
    {
      help: 'The address to listen on. Beyond this machine it needs --password-file, --policy or --open-to-all.',
      otherwise: '127.0.0.1, which is this machine alone',
    },
    '127.0.0.1',
  ),
  port: {
    takes: 'PORT',
    help: 'The port to listen on. 0 takes any that is free.',
    otherwise: 'the environment’s PORT, else 8890',
    fallback: 8890,
    alsoEnv: 'PORT',
    read: portOf,
  },
  hosts: list('NAMES', {
    help: 'Other names it is called by, with commas, where something stands in front of it: chat.example.',
    otherwise: '',
  }),
  origins: list('ORIGINS', {
    help: 'Pages of others that may use it, with commas: https://app.example. Its own and those of this machine may.',
    otherwise: '',
  }),
  proxies: list('ADDRESSES', {
    help: 'Addresses of proxies in front of it, with commas, whose X-Forwarded-For is believed: 127.0.0.1.',
    otherwise: '',
  }),
  data: {
    ...file({
      help: 'A directory where rooms, sessions and drafts are kept: what was acknowledged is there again after any end of the server. One server a directory.',
      otherwise: '.midsentence',
    }),
    takes: 'DIR',
    read(value: string, what: string) {
      if (value !== '') return value
      throw usageError(`${what} takes a directory, as .midsentence`)
    },
  },
  'keep-messages': {
    ...file({
      help: 'A room keeps its newest N messages at least; older ones go now and then, and who has not read them is told so.',
      otherwise: 'everything',
    }),
    takes: 'N',
    read: (value: string) => value,
  },
  'keep-days': {
    ...file({ help: 'The same for messages younger than N days.', otherwise: 'everything' }),
    takes: 'N',
    read: (value: string) => value,
  },
  'password-file': file({
    help: 'A file with the password that everybody shows who joins.',
    otherwise: 'nobody is asked',
  }),
  policy: file({
    help: 'A module whose exports are hooks of yours: admit says who may join, content what may be said, and entry, room, limits and loops what a room is like.',
    otherwise: 'none',
  }),
  'open-to-all': onOff({
    help: 'Everybody who can reach it may join, and that is meant.',
    otherwise: '',
  }),
  'no-seed-dialect': onOff({
    help: 'Do not serve clients of the existing Python chat server. They show nothing, and are served on this machine alone, where nobody is asked for a password.',
    otherwise: '',
  }),
  'seed-dialect-without-authentication': onOff({
    help: 'Serve them all the same: whoever reaches the server then speaks and hears in the lobby by any free name, with no password.',
    otherwise: '',
  }),
  'keeper-token-file': file({
    help: 'A file with the token, 16 characters or more, of who may ask /metrics and /admin (midsentence admin).',
    otherwise: 'nobody may',
  }),
  rate: amount(
    'CALLS',
    { help: 'Calls a second of one session. 0 is without limit.', otherwise: String(defaultCallRate.per_second) },
    defaultCallRate.per_second,
  ),
  burst: amount(
    'CALLS',
    { help: 'Calls of one session at once, after a pause.', otherwise: String(defaultCallRate.burst) },
    defaultCallRate.burst,
    1,
  ),
  'address-rate': amount(
    'CALLS',
    {
      help: 'Requests a second of one address of another machine. 0 is without limit.',
      otherwise: String(defaultAddressRate.per_second),
    },
    defaultAddressRate.per_second,
  ),
  'address-connections': amount(
    'N',
    {
      help: 'Connections at a time of one address of another machine.',
      otherwise: String(defaultAddressRate.connections),
    },
    defaultAddressRate.connections,
    1,
  ),
  'loop-guard': amount(
    'LAPS',
    {
      help: 'Models that answer each other rest for a minute after so many laps without a person, and nobody of many talks much more than its share. 0 is never.',
      otherwise: '0',
    },
    0,
  ),
  'log-level': oneOf(
    'LEVEL',
    {
      help: 'What is written to standard error, a line of JSON each: error, warn, info, debug or silent.',
      otherwise: 'warn',
    },
    ['silent', 'error', 'warn', 'info', 'debug'],
    'warn',
  ),
  drain: amount(
    'SECONDS',
    {
      help: 'When it is told to end, /readyz says no for so long before it does, so that others are asked.',
      otherwise: '0',
    },
    0,
  ),
}

/** What else a file of settings may hold. */
export const alsoInFile = ['rooms'] as const
