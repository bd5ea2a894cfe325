import type { NatsClusterOptions } from '@midsentence/cluster-nats'
import { parseOptions, readSecret, readSettings, type SettingValues } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { natsSettings, refuseWithoutNats } from './settings.ts'

type NatsSettings = SettingValues<typeof natsSettings>

/** Returns how to connect, as the settings have it. */
export function natsOptionsOf(settings: NatsSettings): NatsClusterOptions {
  const secret = (name: 'nats-password-file' | 'nats-token-file' | 'nats-nkey-file') =>
    settings[name] === undefined ? undefined : readSecret(settings[name], `--${name}`)
  const [password, token, nkey] = [secret('nats-password-file'), secret('nats-token-file'), secret('nats-nkey-file')]
  if (!/^[\w-]+$/.test(settings['nats-prefix'])) throw usageError('--nats-prefix has only letters, digits, _ and -.')
  const { 'nats-ca': ca, 'nats-certificate': certificate, 'nats-key': key, 'nats-credentials': credentials } = settings
  if (password !== undefined && settings['nats-user'] === '')
    throw usageError('--nats-password-file needs the name of the user, with --nats-user.')
  if ((certificate === undefined) !== (key === undefined))
    throw usageError(
      '--nats-certificate and --nats-key are needed together: one names the certificate, the other its key.',
    )
  const isTls = [ca, certificate, key].some(each => each !== undefined)
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  }
  return {
    servers: settings.nats,
    prefix: settings['nats-prefix'],
    ...(settings['nats-user'] !== '' && { user: settings['nats-user'] }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
    ...(nkey !== undefined && { nkey }),
    ...(credentials !== undefined && { credentials }),
    ...(isTls && { tls }),
  }
}

/** Flags of the commands that read or write the rooms in a data directory or, with `--nats`, in NATS. */
export const copyOptions = { data: { type: 'string' }, ...parseOptions(natsSettings) } as const

/** Lines for the help of such a command. */
export const natsHelp = `  --nats URLS  The rooms in NATS instead: its servers, with commas. --nats-prefix and the other
               settings of midsentence serve that begin with --nats hold here too.
`

/** Returns how to connect to NATS, if flags or environment say so. Throws a usage error if a directory is given as well. */
export function natsOfFlags(
  flags: Readonly<Record<string, string | boolean | undefined>>,
): NatsClusterOptions | undefined {
  // A directory that a flag names counts more than the environment.
  const env = flags.data === undefined ? process.env : {}
  const settings = readSettings(natsSettings, flags, env, {}, '')
  if (settings.nats.length === 0) {
    refuseWithoutNats(readSettings(natsSettings, flags, {}, {}, ''))
    return undefined
  }
  if (flags.data !== undefined) throw usageError('--data and --nats name two places: give one of them.')
  return natsOptionsOf(settings)
}
