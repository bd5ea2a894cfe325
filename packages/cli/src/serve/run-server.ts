import { memoryLog, type Policy } from '@midsentence/core'
import { type RunningServer, type ServerOptions, startServer } from '@midsentence/server'
import type { parseRetention } from '../data/retention.ts'
import type { StoredRooms } from '../data/stored-rooms.ts'
import { demoPolicy, demoRoom } from '../demo/demo-room.ts'
import { whenAborted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { readSecret, type SettingValues } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { type InvitationOptions, invitation } from './invitation.ts'
import { jsonLog, logWarnings } from './json-log.ts'
import { loadHooks, mergePolicies } from './load-hooks.ts'
import { pageFolder } from './page-folder.ts'
import type { serveSettings } from './settings.ts'
import { addStartHint, runUntilStoreFails } from './start-errors.ts'

export interface RunServerOptions {
  readonly settings: SettingValues<typeof serveSettings>
  /** Policy hooks made from `rooms` of the settings file. */
  readonly roomRules: Partial<Policy>
  /** Data directory. Undefined keeps everything in memory. */
  readonly directory: string | undefined
  readonly retention: ReturnType<typeof parseRetention>
  readonly demo: boolean
  /** Speed factor of the demo. Default: 1 in a terminal, 4 otherwise. */
  readonly speed: number | undefined
}

const HOUR_MS = 3_600_000

/** Runs a server until `signal` aborts. Rejects with a sentence when it cannot start, or when its store fails. */
export async function runServer(options: RunServerOptions, signal: AbortSignal): Promise<void> {
  const { settings, directory, retention, demo } = options
  const log = jsonLog(settings['log-level'])
  logWarnings(log)
  const serverOptions = toServerOptions(settings)
  const policy = await policyFor(options)
  const stored = directory === undefined ? undefined : await openStore(directory, retention)
  const cluster = settings.nats.length > 0 ? await joinCluster(settings, retention) : undefined
  try {
    const page = settings['no-page'] ? undefined : pageFolder()
    const rooms = {
      ...(stored?.rooms ?? { log: memoryLog({ retention }) }),
      score_keep_ms: settings['keep-score'] * HOUR_MS,
      policy,
    }
    const server = await startServer({
      ...serverOptions,
      ...{ log, rooms },
      ...(page !== undefined && { page }),
      ...(cluster && { openHub: cluster.openHub, legacyDialect: false }),
    }).catch(addStartHint(settings.host, settings.port))
    const { url, requiresCredential } = server
    const invited = { url, requiresCredential, passwordFile: settings['password-file'] }
    try {
      await runUntilStoreFails(stored, signal, signal => {
        if (page !== undefined) process.stdout.write(`Open ${url}/ in a browser.\n`)
        printStart(server, (stored ?? cluster)?.greeting)
        return demo ? runDemo(invited, server, signal, options.speed) : runPlain(invited, signal)
      })
      await drainFor(server, settings.drain)
    } finally {
      await server.close()
    }
  } finally {
    await stored?.close()
    await cluster?.close()
  }
}

/** Merges the policy of the demo, the loop guard, the settings file and the hooks, the last one first. */
async function policyFor({ settings, roomRules, demo }: RunServerOptions): Promise<Policy> {
  const hooks = settings.policy === undefined ? {} : await loadHooks(settings.policy)
  const laps = settings['loop-guard']
  const loopGuard = laps === undefined ? {} : { loopGuard: () => laps > 0 && { laps } }
  return mergePolicies(demo ? demoPolicy : {}, loopGuard, roomRules, hooks)
}

/** Connects to NATS, and prints its warnings. Loads its client only here. */
async function joinCluster(settings: RunServerOptions['settings'], retention: RunServerOptions['retention']) {
  const { openCluster } = await import('../cluster/open-cluster.ts')
  const cluster = await openCluster(settings, retention)
  for (const warning of cluster.warnings) process.stderr.write(`midsentence: ${warning}\n`)
  return cluster
}

/** Loads the store only here: a server in memory runs without its native part. */
async function openStore(directory: string, retention: RunServerOptions['retention']): Promise<StoredRooms> {
  const { openStoredRooms } = await import('../data/stored-rooms.ts')
  return openStoredRooms(directory, { retention })
}

function toServerOptions(settings: RunServerOptions['settings']): ServerOptions {
  const { host, port, prefix, hosts, origins, proxies } = settings
  const secret = (name: 'password-file' | 'admin-token-file') => {
    const path = settings[name]
    return path === undefined ? undefined : readSecret(path, `--${name}`)
  }
  const [password, adminToken] = [secret('password-file'), secret('admin-token-file')]
  if (adminToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(adminToken))
    throw usageError('--admin-token-file needs a token of at least 16 random characters: ASCII without spaces.')
  const address = {
    per_second: settings['address-rate'],
    burst: 2 * settings['address-rate'],
    anonymous: 10 * settings['address-rate'],
    connections: settings['address-connections'],
  }
  return {
    ...{ host, port, prefix, hosts, origins, proxies },
    ...(password !== undefined && { password }),
    ...(adminToken !== undefined && { adminToken }),
    openToAll: settings['open-to-all'],
    ...(settings['no-legacy-dialect'] && { legacyDialect: false }),
    ...(settings['legacy-dialect-without-authentication'] && { legacyDialect: 'without-authentication' as const }),
    limits: {
      session: settings.rate > 0 && { per_second: settings.rate, burst: settings.burst },
      address: settings['address-rate'] > 0 && address,
    },
  }
}

/** Makes `/readyz` answer 503 for `seconds` before the server closes. */
async function drainFor(server: RunningServer, seconds: number): Promise<void> {
  if (seconds === 0) return
  server.drain()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
}

async function runPlain(invited: InvitationOptions, signal: AbortSignal): Promise<void> {
  process.stdout.write(invitation(invited, 'lobby', palette(process.stdout)))
  await whenAborted(signal)
}

async function runDemo(
  invited: InvitationOptions,
  { url, hub }: RunningServer,
  signal: AbortSignal,
  speed: number | undefined,
): Promise<void> {
  const [{ playDemo }, { printRoom }] = await Promise.all([import('../demo/play-demo.ts'), import('./print-room.ts')])
  const out = process.stdout
  const opening =
    'Claude and GPT meet in the room demo of this server, over HTTP and server-sent events. Join them afterwards.'
  const { passwordFile } = invited
  const credential = passwordFile === undefined ? undefined : readSecret(passwordFile, '--password-file')
  await playDemo({ url, room: demoRoom, credential, opening, out, signal, speed })
  out.write(invitation(invited, demoRoom, palette(out)))
  const stop = printRoom(hub, demoRoom, out)
  await whenAborted(signal)
  stop()
}

function printStart({ url, warning }: RunningServer, greeting: string | undefined): void {
  process.stdout.write(`midsentence serves at ${url}. Ctrl-C ends it.\n`)
  process.stdout.write(`${greeting ?? 'Rooms and drafts are kept in memory and are lost when the server ends.'}\n`)
  if (warning !== undefined) process.stderr.write(`midsentence: ${warning}\n`)
}
