import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type RunningServer, type ServerOptions, startServer } from '@midsentence/server'
import { command } from '../command.ts'
import { defaultDirectory, type KeptRooms, roomsIn } from '../data/rooms.ts'
import { retentionOf } from '../data/values.ts'
import { palette } from '../demo/palette.ts'
import { perform } from '../demo/perform.ts'
import { demoRoom, demoRooms } from '../demo/room.ts'
import { aborted, untilInterrupted } from '../interrupt.ts'
import { helpLines } from '../settings/help-lines.ts'
import { optionsOf, readConfig, readSecret, readSettings, type Settings } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { speedOf } from '../values.ts'
import { hooksOf, policyOf } from './hooks-of.ts'
import { type Inviting, invitation } from './invitation.ts'
import { logTo } from './log.ts'
import { roomsOf } from './rooms-of.ts'
import { alsoInFile, settings } from './settings.ts'
import { watch } from './watch.ts'

export const serve = command({
  name: 'serve',
  help: `midsentence serve [--host HOST] [--port PORT] [--data DIR | --memory] [--config FILE]
                  [--demo [--speed N]] …

Starts a server, tells how to join it, and goes on until Ctrl-C. A room is made by whoever joins it
first. GET / of its address is a page that says what there is; rpc.discover describes every call.

  --config FILE       A file of settings: a JSON object with the names below, and rooms. Each can be
                      said in the environment too, as MIDSENTENCE_PORT; a flag goes before that,
                      that before the file. docs/operating.md has them all.
${helpLines(settings)}
  --memory            Keep nothing: all of it is gone when the server ends. --demo does so unless
                      --data is said.
  --demo              First two scripted participants talk in a fresh room, demo; then it is
                      yours, and whatever happens there is shown.
  --speed N           The demo N times as fast. Default: 1 in a terminal, 4 otherwise.
`,
  options: {
    ...optionsOf(settings),
    config: { type: 'string' },
    memory: { type: 'boolean' },
    demo: { type: 'boolean' },
    speed: { type: 'string' },
  },
  async run({ config: path, memory, demo = false, speed, ...flags }) {
    const from = path ?? process.env.MIDSENTENCE_CONFIG
    const file = from ? readConfig(from, settings, alsoInFile) : {}
    const set = readSettings(settings, flags, process.env, file, from ?? '')
    const pace = typeof speed === 'string' ? speedOf(speed) : undefined
    const hooks = set.policy === undefined ? {} : await hooksOf(set.policy)
    const rooms = 'rooms' in file ? roomsOf(file.rooms, from!) : {}
    const laps = set['loop-guard']
    const loops = laps > 0 ? { loopGuard: () => ({ laps }) } : {}
    const policy = policyOf(demo === true ? { ...demoRooms.policy } : {}, loops, rooms, hooks)
    const directory = directoryOf(set.data, memory === true, demo === true)
    const retention = retentionOf(set['keep-messages'], set['keep-days'])
    const run = async (signal: AbortSignal): Promise<void> => {
      const kept = directory === undefined ? undefined : await roomsIn(directory, { retention })
      try {
        const rooms = { ...kept?.rooms, policy }
        const server = await startServer({ ...optionsFrom(set), rooms }).catch(withHint(set.host, set.port))
        const { url, requiresCredential } = server
        const invited = { url, requiresCredential, passwordFile: set['password-file'] }
        try {
          await untilFailed(kept, signal, signal =>
            demo ? withDemo(invited, server, kept, signal, pace) : plainly(invited, server, kept, signal),
          )
          await drained(server, set.drain)
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
function optionsFrom(set: Settings<typeof settings>): ServerOptions {
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
    ...(keeperToken !== undefined && { adminToken: keeperToken }),
    openToAll: set['open-to-all'],
    ...(set['no-seed-dialect'] && { legacyDialect: false }),
    ...(set['seed-dialect-without-authentication'] && { legacyDialect: 'without-authentication' as const }),
    limits: {
      session: set.rate > 0 && { per_second: set.rate, burst: set.burst },
      address: set['address-rate'] > 0 && address,
    },
    log: logTo(set['log-level']),
  }
}

/** Lets whoever asks `/readyz` know before it ends. */
async function drained(server: RunningServer, seconds: number): Promise<void> {
  if (seconds === 0) return
  server.drain()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
}

/** Where rooms are kept; undefined where they are not. The demo plays in a fresh room, which a kept one is not. */
function directoryOf(data: string | undefined, memory: boolean, demo: boolean): string | undefined {
  if (data !== undefined && memory) throw usageError('--data keeps rooms and --memory does not: say one of them.')
  return data ?? (memory || demo ? undefined : defaultDirectory)
}

/** Runs `run`; rejects where what it stands on cannot be written any more, once `run` has ended for that. */
async function untilFailed(
  kept: KeptRooms | undefined,
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
  throw new MidsentenceError(error.code, reasonOf(error), { cause: error })
}

/** Why it could not be written, as whoever could not write it says. */
const reasonOf = ({ cause, message }: MidsentenceError): string => (isMidsentenceError(cause) ? cause.message : message)

async function plainly(
  invited: Inviting,
  server: RunningServer,
  kept: KeptRooms | undefined,
  signal: AbortSignal,
): Promise<void> {
  greet(server, kept)
  process.stdout.write(invitation(invited, 'lobby', palette(process.stdout)))
  await aborted(signal)
}

async function withDemo(
  invited: Inviting,
  server: RunningServer,
  kept: KeptRooms | undefined,
  signal: AbortSignal,
  speed: number | undefined,
): Promise<void> {
  const { url, hub } = server
  const out = process.stdout
  greet(server, kept)
  const opening =
    'Claude and GPT meet there in the room demo, over HTTP and server-sent events. You can join afterwards.'
  await perform({ url, room: demoRoom, opening, out, signal, speed })
  out.write(invitation(invited, demoRoom, palette(out)))
  const stop = watch(hub, demoRoom, out)
  await aborted(signal)
  stop()
}

function greet({ url, warning }: RunningServer, kept: KeptRooms | undefined): void {
  process.stdout.write(`midsentence serves at ${url}. Ctrl-C ends it.\n`)
  process.stdout.write(`${kept?.greeting ?? 'Rooms and drafts are kept in memory, and are gone when it ends.'}\n`)
  if (warning !== undefined) process.stderr.write(`midsentence: ${warning}\n`)
}

/** That a port is taken happens to everybody, and what a server beyond this machine needs has flags of its own. */
const withHint = (host: string, port: number) => (error: unknown) => {
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
