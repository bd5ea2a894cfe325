import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type RunningServer, type ServerOptions, startServer } from '@midsentence/server'
import { parseRetention } from '../data/retention.ts'
import { defaultDirectory, openStoredRooms, type StoredRooms } from '../data/stored-rooms.ts'
import { defineCommand } from '../define-command.ts'
import { demoRoom, demoRooms } from '../demo/demo-room.ts'
import { playDemo } from '../demo/play-demo.ts'
import { untilInterrupted, whenAborted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { parseSpeed } from '../parse-values.ts'
import { formatSettings } from '../settings/format-settings.ts'
import { parseOptions, readConfig, readSecret, readSettings, type SettingValues } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { type InvitationOptions, invitation } from './invitation.ts'
import { loadHooks, mergePolicies } from './load-hooks.ts'
import { logTo } from './log.ts'
import { printRoom } from './print-room.ts'
import { parseRoomRules } from './room-rules.ts'
import { fileOnlySettings, serveSettings } from './settings.ts'

export const serve = defineCommand({
  name: 'serve',
  help: `midsentence serve [--host HOST] [--port PORT] [--data DIR | --memory] [--config FILE]
                  [--demo [--speed N]] …

Starts a server, tells how to join it, and goes on until Ctrl-C. A room is made by whoever joins it
first. GET / of its address is a page that says what there is; rpc.discover describes every call.

  --config FILE       A file of settings: a JSON object with the names below, and rooms. Each can be
                      said in the environment too, as MIDSENTENCE_PORT; a flag goes before that,
                      that before the file. docs/operating.md has them all.
${formatSettings(serveSettings)}
  --memory            Keep nothing: all of it is gone when the server ends. --demo does so unless
                      --data is said.
  --demo              First two scripted participants talk in a fresh room, demo; then it is
                      yours, and whatever happens there is shown.
  --speed N           The demo N times as fast. Default: 1 in a terminal, 4 otherwise.
`,
  options: {
    ...parseOptions(serveSettings),
    config: { type: 'string' },
    memory: { type: 'boolean' },
    demo: { type: 'boolean' },
    speed: { type: 'string' },
  },
  async run({ config: path, memory, demo = false, speed, ...flags }) {
    const from = path ?? process.env.MIDSENTENCE_CONFIG
    const file = from ? readConfig(from, serveSettings, fileOnlySettings) : {}
    const set = readSettings(serveSettings, flags, process.env, file, from ?? '')
    const pace = typeof speed === 'string' ? parseSpeed(speed) : undefined
    const hooks = set.policy === undefined ? {} : await loadHooks(set.policy)
    const rooms = 'rooms' in file ? parseRoomRules(file.rooms, from!) : {}
    const laps = set['loop-guard']
    const loops = laps > 0 ? { loops: () => ({ laps }) } : {}
    const policy = mergePolicies(demo === true ? { ...demoRooms.policy } : {}, loops, rooms, hooks)
    const directory = dataDirectory(set.data, memory === true, demo === true)
    const retention = parseRetention(set['keep-messages'], set['keep-days'])
    const run = async (signal: AbortSignal): Promise<void> => {
      const kept = directory === undefined ? undefined : await openStoredRooms(directory, { retention })
      try {
        const rooms = { ...kept?.rooms, policy }
        const server = await startServer({ ...toServerOptions(set), rooms }).catch(addStartHint(set.host, set.port))
        const { url, asks } = server
        const invited = { url, asks, passwordFile: set['password-file'] }
        try {
          await runUntilStoreFails(kept, signal, signal =>
            demo ? runDemo(invited, server, kept, signal, pace) : runPlain(invited, server, kept, signal),
          )
          await drainFor(server, set.drain)
        } finally {
          await server.close()
        }
      } finally {
        await kept?.close()
      }
    }
    return untilInterrupted(run, { endless: true })
  },
})

/** What the settings mean to a server. */
function toServerOptions(set: SettingValues<typeof serveSettings>): ServerOptions {
  const { host, port, hosts, origins, proxies } = set
  const secret = (name: 'password-file' | 'keeper-token-file') => {
    const path = set[name]
    return path === undefined ? undefined : readSecret(path, `--${name}`)
  }
  const [password, keeperToken] = [secret('password-file'), secret('keeper-token-file')]
  const address = {
    per_second: set['address-rate'],
    burst: 2 * set['address-rate'],
    connections: set['address-connections'],
  }
  return {
    ...{ host, port, hosts, origins, proxies },
    ...(password !== undefined && { password }),
    ...(keeperToken !== undefined && { keeperToken }),
    openToAll: set['open-to-all'],
    ...(set['no-seed-dialect'] && { seedDialect: false }),
    ...(set['seed-dialect-without-authentication'] && { seedDialect: 'without-authentication' as const }),
    limits: {
      session: set.rate > 0 && { per_second: set.rate, burst: set.burst },
      address: set['address-rate'] > 0 && address,
    },
    log: logTo(set['log-level']),
  }
}

/** Lets whoever asks `/readyz` know before it ends. */
async function drainFor(server: RunningServer, seconds: number): Promise<void> {
  if (seconds === 0) return
  server.drain()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
}

/** Where rooms are kept; undefined where they are not. The demo plays in a fresh room, which a kept one is not. */
function dataDirectory(data: string | undefined, memory: boolean, demo: boolean): string | undefined {
  if (data !== undefined && memory) throw usageError('--data keeps rooms and --memory does not: say one of them.')
  return data ?? (memory || demo ? undefined : defaultDirectory)
}

/** Runs `run`; rejects where what it stands on cannot be written any more, once `run` has ended for that. */
async function runUntilStoreFails(
  kept: StoredRooms | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController()
  let error: MidsentenceError | undefined
  void kept?.failure.then(failure => {
    error = failure
    failing.abort()
  })
  await run(AbortSignal.any([signal, failing.signal])).catch(reason => {
    throw error ?? reason
  })
  if (!error) return
  // LMDB may have written half a line there.
  process.stderr.write('\n')
  throw new MidsentenceError(error.code, rootMessage(error), { cause: error })
}

/** Why it could not be written, as whoever could not write it says. */
const rootMessage = ({ cause, message }: MidsentenceError): string =>
  isMidsentenceError(cause) ? cause.message : message

async function runPlain(
  invited: InvitationOptions,
  server: RunningServer,
  kept: StoredRooms | undefined,
  signal: AbortSignal,
): Promise<void> {
  printStart(server, kept)
  process.stdout.write(invitation(invited, 'lobby', palette(process.stdout)))
  await whenAborted(signal)
}

async function runDemo(
  invited: InvitationOptions,
  server: RunningServer,
  kept: StoredRooms | undefined,
  signal: AbortSignal,
  speed: number | undefined,
): Promise<void> {
  const { url, hub } = server
  const out = process.stdout
  printStart(server, kept)
  const opening =
    'Claude and GPT meet there in the room demo, over HTTP and server-sent events. You can join afterwards.'
  await playDemo({ url, room: demoRoom, opening, out, signal, speed })
  out.write(invitation(invited, demoRoom, palette(out)))
  const stop = printRoom(hub, demoRoom, out)
  await whenAborted(signal)
  stop()
}

function printStart({ url, warning }: RunningServer, kept: StoredRooms | undefined): void {
  process.stdout.write(`midsentence serves at ${url}. Ctrl-C ends it.\n`)
  process.stdout.write(`${kept?.greeting ?? 'Rooms and drafts are kept in memory, and are gone when it ends.'}\n`)
  if (warning !== undefined) process.stderr.write(`midsentence: ${warning}\n`)
}

/** That a port is taken happens to everybody, and what a server beyond this machine needs has flags of its own. */
const addStartHint = (host: string, port: number) => (error: unknown) => {
  if (!isMidsentenceError(error)) throw error
  if (error.code === 'invalid-params') {
    const how =
      'Give it a password (--password-file FILE) or hooks of your own (--policy FILE), or say --open-to-all where this is meant'
    const why = `${host} can be reached from other machines, and anybody there could join.`
    throw new MidsentenceError(error.code, `${why} ${how}.`, { cause: error })
  }
  if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') throw error
  const free = port === 65_535 ? 0 : port + 1
  const how = `choose another one, as --port ${free} (with npm: npm start -- --port ${free})`
  throw new MidsentenceError(error.code, `Port ${port} of ${host} is taken: end what runs there, or ${how}.`, {
    cause: error,
  })
}
