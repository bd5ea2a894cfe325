import { clusterSettings } from '../cluster/settings.ts'
import { parsePort } from '../parse-values.ts'
import { expandHome } from '../settings/read-text-file.ts'
import {
  choiceSetting,
  fileSetting,
  listSetting,
  numberSetting,
  optionalNumberSetting,
  switchSetting,
  textSetting,
} from '../settings/setting.ts'
import { usageError } from '../usage-error.ts'

// A copy of the server's own defaults: `serve --help` must not load the server. A test keeps them equal.
const CALLS_PER_SECOND = 100
const CALL_BURST = 300
const ADDRESS_CALLS_PER_SECOND = 200
const ADDRESS_CONNECTIONS = 1000

/** Settings of `serve`. Flags, environment, settings file, help and docs/operating.md are derived from this table. */
export const serveSettings = {
  host: textSetting(
    'HOST',
    {
      help: 'The address to listen on. An address that other machines reach needs --password-file, --policy or --open-to-all.',
      defaultText: '127.0.0.1, this machine only',
    },
    '127.0.0.1',
  ),
  port: {
    valueName: 'PORT',
    help: 'The port to listen on. 0 picks a free one.',
    defaultText: 'the environment’s PORT, else 8890',
    defaultValue: 8890,
    alsoEnv: 'PORT',
    read: parsePort,
  },
  hosts: listSetting('NAMES', {
    help: 'Further host names of the server, with commas, for use with a reverse proxy: chat.example.',
    defaultText: '',
  }),
  origins: listSetting('ORIGINS', {
    help: 'Web origins that may call the server, with commas: https://app.example. Its own origin and those of this machine always may.',
    defaultText: '',
  }),
  proxies: listSetting('ADDRESSES', {
    help: 'Addresses of reverse proxies, with commas, whose X-Forwarded-For header is trusted: 127.0.0.1.',
    defaultText: '',
  }),
  prefix: {
    valueName: 'PATH',
    help: 'The path at which a reverse proxy serves the server: /chat. It answers with and without it.',
    defaultText: '',
    defaultValue: '',
    read(value: string, source: string) {
      if (/^[^?#\s]+$/.test(value)) return value
      throw usageError(`${source} takes a path, such as /chat.`)
    },
  },
  data: {
    ...fileSetting({
      help: 'The directory for rooms, sessions and drafts. Acknowledged data survives any end of the server. One server per directory.',
      defaultText: '.midsentence',
    }),
    valueName: 'DIR',
    read(value: string, source: string) {
      if (value !== '') return expandHome(value)
      throw usageError(`${source} takes a directory, as .midsentence`)
    },
  },
  'keep-messages': {
    ...fileSetting({
      help: 'Keep at least the newest N messages of each room. Older ones are dropped; a participant who missed some sees how many.',
      defaultText: 'all messages',
    }),
    valueName: 'N',
    read: (value: string) => value,
  },
  'keep-days': {
    ...fileSetting({ help: 'Keep at least the messages of the last N days.', defaultText: 'all messages' }),
    valueName: 'N',
    read: (value: string) => value,
  },
  'keep-bytes': {
    ...fileSetting({
      help: 'Keep the messages of all rooms within this size, such as 500MB or 2GB: the largest rooms lose their oldest messages first. Overrides the other two.',
      defaultText: 'all messages on disk, 256 MB with --memory',
    }),
    valueName: 'SIZE',
    read: (value: string) => value,
  },
  'keep-score': numberSetting(
    'HOURS',
    {
      help: 'How long the score of a recorded room is kept: what was written, undone text too. Up to a 24th of it longer.',
      defaultText: '24',
    },
    24,
    1,
  ),
  'password-file': fileSetting({
    help: 'A file with the password that a participant sends to join.',
    defaultText: 'no password',
  }),
  policy: fileSetting({
    help: 'A module that exports hooks: admit (who may join), content (what may be sent), and access, room, limits and loopGuard (settings of a room).',
    defaultText: 'none',
  }),
  'open-to-all': switchSetting({
    help: 'Let anyone who can reach the server join.',
    defaultText: '',
  }),
  'no-page': switchSetting({
    help: 'Serve no page at /, only a short text.',
    defaultText: '',
  }),
  'no-legacy-dialect': switchSetting({
    help: 'Refuse clients of the existing Python chat server. They send no credential, so by default they are served on this machine only, and only without a password.',
    defaultText: '',
  }),
  'legacy-dialect-without-authentication': switchSetting({
    help: 'Serve those clients in every case: anyone who reaches the server can then read and write in the lobby, under any free name, without a password.',
    defaultText: '',
  }),
  'admin-token-file': fileSetting({
    help: 'A file with the token, at least 16 characters, for /metrics and the admin API (midsentence admin).',
    defaultText: 'no admin access',
  }),
  rate: numberSetting(
    'CALLS',
    {
      help: 'Calls per second of one session; large ones count more. 0 means no limit.',
      defaultText: String(CALLS_PER_SECOND),
    },
    CALLS_PER_SECOND,
  ),
  burst: numberSetting(
    'CALLS',
    { help: 'Calls of one session at once, after a pause.', defaultText: String(CALL_BURST) },
    CALL_BURST,
    1,
  ),
  'address-rate': numberSetting(
    'CALLS',
    {
      help: 'Requests, calls and frames per second of one remote address; large ones, joins and slow hooks count more. 0 means no limit.',
      defaultText: String(ADDRESS_CALLS_PER_SECOND),
    },
    ADDRESS_CALLS_PER_SECOND,
  ),
  'address-connections': numberSetting(
    'N',
    {
      help: 'Open connections of one remote address.',
      defaultText: String(ADDRESS_CONNECTIONS),
    },
    ADDRESS_CONNECTIONS,
    1,
  ),
  'loop-guard': optionalNumberSetting('LAPS', {
    help: 'Pause everybody who is no person for a minute when they have answered each other for LAPS rounds, and limit each to about its share of the messages. By default only messages that say that a model wrote them are paused, after 50 rounds. 0 turns this off.',
    defaultText: '50 rounds of models',
  }),
  'log-level': choiceSetting(
    'LEVEL',
    {
      help: 'Log entries on standard error, one line of JSON each: error, warn, info, debug or silent.',
      defaultText: 'warn',
    },
    ['silent', 'error', 'warn', 'info', 'debug'],
    'warn',
  ),
  drain: numberSetting(
    'SECONDS',
    {
      help: 'Seconds between a stop signal and the stop, in which /readyz answers 503 so that a load balancer moves on.',
      defaultText: '0',
    },
    0,
  ),
  ...clusterSettings,
}

/** Keys that only a settings file may hold. */
export const fileOnlySettings = ['rooms'] as const
