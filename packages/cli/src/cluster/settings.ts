import { fileSetting, listSetting, optionalNumberSetting, switchSetting, textSetting } from '../settings/setting.ts'

/** How to reach the rooms that several servers share through NATS. */
export const natsSettings = {
  nats: listSetting('URLS', {
    help: 'NATS servers with JetStream, with commas: nats://a:4222,nats://b:4222. All midsentence servers that name them share all rooms; see docs/cluster.md. It takes the place of --data.',
    defaultText: 'none: this server has its rooms alone',
  }),
  'nats-prefix': textSetting(
    'PREFIX',
    { help: 'With --nats: subjects and streams begin with it.', defaultText: 'midsentence' },
    'midsentence',
  ),
  'nats-credentials': fileSetting({ help: 'With --nats: a NATS credentials file.', defaultText: 'none' }),
  'nats-user': textSetting('NAME', { help: 'With --nats: a user name for NATS.', defaultText: 'none' }, ''),
  'nats-password-file': fileSetting({ help: 'With --nats: a file with its password.', defaultText: 'none' }),
  'nats-token-file': fileSetting({ help: 'With --nats: a file with a token for NATS.', defaultText: 'none' }),
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
