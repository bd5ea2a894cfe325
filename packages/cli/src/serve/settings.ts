import { defaultAddressRate, defaultCallRate } from '@midsentence/server'
import { parsePort } from '../parse-values.ts'
import { choiceSetting, fileSetting, listSetting, numberSetting, switchSetting, text } from '../settings/setting.ts'
import { usageError } from '../usage-error.ts'

/** Everything that can be set about a server, once: flags, environment, file, help and docs/operating.md come from here. */
export const serveSettings = {
  host: text(
    'HOST',
    {
      help: 'The address to listen on. Beyond this machine it needs --password-file, --policy or --open-to-all.',
      defaultText: '127.0.0.1, which is this machine alone',
    },
    '127.0.0.1',
  ),
  port: {
    valueName: 'PORT',
    help: 'The port to listen on. 0 takes any that is free.',
    defaultText: 'the environment’s PORT, else 8890',
    defaultValue: 8890,
    alsoEnv: 'PORT',
    read: parsePort,
  },
  hosts: listSetting('NAMES', {
    help: 'Other names it is called by, with commas, where something stands in front of it: chat.example.',
    defaultText: '',
  }),
  origins: listSetting('ORIGINS', {
    help: 'Pages of others that may use it, with commas: https://app.example. Its own and those of this machine may.',
    defaultText: '',
  }),
  proxies: listSetting('ADDRESSES', {
    help: 'Addresses of proxies in front of it, with commas, whose X-Forwarded-For is believed: 127.0.0.1.',
    defaultText: '',
  }),
  data: {
    ...fileSetting({
      help: 'A directory where rooms, sessions and drafts are kept: what was acknowledged is there again after any end of the server. One server a directory.',
      defaultText: '.midsentence',
    }),
    valueName: 'DIR',
    read(value: string, what: string) {
      if (value !== '') return value
      throw usageError(`${what} takes a directory, as .midsentence`)
    },
  },
  'keep-messages': {
    ...fileSetting({
      help: 'A room keeps its newest N messages at least; older ones go now and then, and who has not read them is told so.',
      defaultText: 'everything',
    }),
    valueName: 'N',
    read: (value: string) => value,
  },
  'keep-days': {
    ...fileSetting({ help: 'The same for messages younger than N days.', defaultText: 'everything' }),
    valueName: 'N',
    read: (value: string) => value,
  },
  'password-file': fileSetting({
    help: 'A file with the password that everybody shows who joins.',
    defaultText: 'nobody is asked',
  }),
  policy: fileSetting({
    help: 'A module whose exports are hooks of yours: admit says who may join, content what may be said, and entry, room, limits and loops what a room is like.',
    defaultText: 'none',
  }),
  'open-to-all': switchSetting({
    help: 'Everybody who can reach it may join, and that is meant.',
    defaultText: '',
  }),
  'no-seed-dialect': switchSetting({
    help: 'Do not serve clients of the existing Python chat server. They show nothing, and are served on this machine alone, where nobody is asked for a password.',
    defaultText: '',
  }),
  'seed-dialect-without-authentication': switchSetting({
    help: 'Serve them all the same: whoever reaches the server then speaks and hears in the lobby by any free name, with no password.',
    defaultText: '',
  }),
  'keeper-token-file': fileSetting({
    help: 'A file with the token, 16 characters or more, of who may ask /metrics and /keeper (midsentence admin).',
    defaultText: 'nobody may',
  }),
  rate: numberSetting(
    'CALLS',
    { help: 'Calls a second of one session. 0 is without limit.', defaultText: String(defaultCallRate.per_second) },
    defaultCallRate.per_second,
  ),
  burst: numberSetting(
    'CALLS',
    { help: 'Calls of one session at once, after a pause.', defaultText: String(defaultCallRate.burst) },
    defaultCallRate.burst,
    1,
  ),
  'address-rate': numberSetting(
    'CALLS',
    {
      help: 'Requests a second of one address of another machine. 0 is without limit.',
      defaultText: String(defaultAddressRate.per_second),
    },
    defaultAddressRate.per_second,
  ),
  'address-connections': numberSetting(
    'N',
    {
      help: 'Connections at a time of one address of another machine.',
      defaultText: String(defaultAddressRate.connections),
    },
    defaultAddressRate.connections,
    1,
  ),
  'loop-guard': numberSetting(
    'LAPS',
    {
      help: 'Models that answer each other rest for a minute after so many laps without a person, and nobody of many talks much more than its share. 0 is never.',
      defaultText: '0',
    },
    0,
  ),
  'log-level': choiceSetting(
    'LEVEL',
    {
      help: 'What is written to standard error, a line of JSON each: error, warn, info, debug or silent.',
      defaultText: 'warn',
    },
    ['silent', 'error', 'warn', 'info', 'debug'],
    'warn',
  ),
  drain: numberSetting(
    'SECONDS',
    {
      help: 'When it is told to end, /readyz says no for so long before it does, so that others are asked.',
      defaultText: '0',
    },
    0,
  ),
}

/** What else a file of settings may hold. */
export const fileOnlySettings = ['rooms'] as const
