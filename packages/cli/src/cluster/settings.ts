import { fileSetting, listSetting, optionalNumberSetting, switchSetting, textSetting } from '../settings/setting.ts'
import { usageError } from '../usage-error.ts'

const servers = listSetting('URLS', {
  help: 'NATS servers with JetStream, with commas: nats://a:4222,nats://b:4222. All midsentence servers that name them share all rooms; see docs/cluster.md. It takes the place of --data.',
  defaultText: 'none: this server has its rooms alone',
})

/** A host or a URL of NATS, without a login. */
const NATS_URL = /^(?:(?:nats|tls):\/\/)?[^/@]*\/?$/

/** Returns the URLs. Throws a usage error that does not print a password. An empty list would mean rooms of one server. */
function readServers(text: string, source: string): readonly string[] {
  if (text.includes('@'))
    throw usageError(`${source} takes no login in a URL: give it with --nats-user and --nats-password-file.`)
  const urls = servers.read(text, source)
  if (urls.length === 0) throw usageError(`${source} needs a value.`)
  const wrong = urls.find(url => !NATS_URL.test(url))
  if (wrong === undefined) return urls
  throw usageError(`${source} names NATS servers, as nats://127.0.0.1:4222, not ${JSON.stringify(wrong)}.`)
}

/** How to reach the rooms that several servers share through NATS. */
export const natsSettings = {
  nats: { ...servers, read: readServers },
  'nats-prefix': textSetting(
    'PREFIX',
    { help: 'With --nats: subjects and streams begin with it.', defaultText: 'midsentence' },
    'midsentence',
  ),
  'nats-credentials': fileSetting({ help: 'With --nats: a NATS credentials file.', defaultText: 'none' }),
  'nats-user': textSetting('NAME', { help: 'With --nats: a user name for NATS.', defaultText: 'none' }, ''),
  'nats-password-file': fileSetting({ help: 'With --nats: a file with its password.', defaultText: 'none' }),
  'nats-token-file': fileSetting({ help: 'With --nats: a file with a token for NATS.', defaultText: 'none' }),
  'nats-nkey-file': fileSetting({
    help: 'With --nats: a file with the seed of an nkey for NATS.',
    defaultText: 'none',
  }),
  'nats-ca': fileSetting({
    help: 'With --nats: a PEM file with the authority that signed the certificates of the NATS servers. The connections are then encrypted, as with tls:// URLs.',
    defaultText: 'the authorities of Node.js',
  }),
  'nats-certificate': fileSetting({
    help: 'With --nats: a PEM file with a certificate of this client.',
    defaultText: 'none',
  }),
  'nats-key': fileSetting({ help: 'With --nats: a PEM file with the key of that certificate.', defaultText: 'none' }),
}

/** Settings of `serve` for such rooms. */
export const clusterSettings = {
  ...natsSettings,
  replicas: optionalNumberSetting(
    'N',
    {
      help: 'With --nats: how many NATS servers keep each message. It also changes streams that exist.',
      defaultText: 'that of existing streams; for new ones 3 where NATS is a cluster, else 1',
    },
    1,
    5,
  ),
  'server-name': textSetting(
    'NAME',
    { help: 'With --nats: the name of this server in the lists of administrators.', defaultText: 'the host name' },
    '',
  ),
  'nats-flushed': switchSetting({
    help: 'With --nats: say that the NATS servers flush each write to disk (sync_interval: always in their settings), so that answers promise it.',
    defaultText: '',
  }),
}

/** Throws a usage error if a setting for rooms in NATS is given without --nats: the rooms would be elsewhere. */
export function refuseWithoutNats(settings: Readonly<Record<string, unknown>>): void {
  if ((settings.nats as readonly string[]).length > 0) return
  for (const [name, { defaultValue }] of Object.entries(clusterSettings)) {
    if (name in settings && name !== 'nats' && settings[name] !== defaultValue)
      throw usageError(`--${name} is for rooms in NATS: name its servers with --nats.`)
  }
}
