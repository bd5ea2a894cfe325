import { refuseWithoutNats } from '../cluster/settings.ts'
import { defaultDirectory } from '../data/default-directory.ts'
import { parseRetention } from '../data/retention.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseSpeed } from '../parse-values.ts'
import { formatSettings } from '../settings/format-settings.ts'
import { parseOptions, readConfig, readSettings, type SettingValues } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { parseRoomRules } from './room-rules.ts'
import { fileOnlySettings, serveSettings } from './settings.ts'

type ServeSettings = SettingValues<typeof serveSettings>

export const serve = defineCommand({
  name: 'serve',
  help: `midsentence serve [--host HOST] [--port PORT] [--data DIR | --memory | --nats URLS]
                  [--config FILE]
                  [--demo [--speed N]] …

Starts a server, prints its address and how to join it, and runs until Ctrl-C. The first join
creates a room. At the address is a page to chat in; rpc.discover describes every call.

  --config FILE       A settings file: a JSON object with the names below, and rooms. Flags override
                      environment variables such as MIDSENTENCE_PORT, and those override the file.
                      docs/operating.md describes all settings.
${formatSettings(serveSettings)}
  --memory            Keep nothing on disk: all data is lost when the server ends. Messages take
                      at most 256 MB, or --keep-bytes. --demo implies it unless --data is given.
  --demo              Play two scripted participants in a fresh room named demo. Then print
                      everything that happens in that room, so that you can join it.
  --speed N           Play the demo N times as fast. Default: 1 in a terminal, 4 otherwise.
`,
  options: {
    ...parseOptions(serveSettings),
    config: { type: 'string' },
    memory: { type: 'boolean' },
    demo: { type: 'boolean' },
    speed: { type: 'string' },
  },
  async run({ config, memory, demo = false, speed, ...flags }) {
    const path = config ?? process.env.MIDSENTENCE_CONFIG
    const file = path ? readConfig(path, serveSettings, fileOnlySettings) : {}
    const settings = readSettings(serveSettings, flags, process.env, file, path ?? '')
    const options = {
      settings,
      roomRules: 'rooms' in file ? parseRoomRules(file.rooms, path!) : {},
      directory: dataDirectory(settings, memory === true, demo === true),
      retention: parseRetention({
        messages: settings['keep-messages'],
        days: settings['keep-days'],
        bytes: settings['keep-bytes'],
      }),
      demo: demo === true,
      speed: typeof speed === 'string' ? parseSpeed(speed) : undefined,
    }
    const { runServer } = await import('./run-server.ts')
    return untilInterrupted(signal => runServer(options, signal), { endless: true })
  },
})

/** Returns the data directory, or undefined for memory or NATS. The demo uses memory, because it needs a fresh room. */
function dataDirectory(settings: ServeSettings, memory: boolean, demo: boolean): string | undefined {
  const { data, nats } = settings
  const other = data !== undefined ? '--data' : memory ? '--memory' : demo ? '--demo' : undefined
  if (nats.length > 0 && other !== undefined)
    throw usageError(`--nats keeps rooms in NATS: leave out ${other}, or --nats.`)
  if (nats.length > 0 && settings['keep-bytes'] !== undefined)
    throw usageError('--nats has no --keep-bytes: bound each room, with --keep-messages or --keep-days.')
  if (nats.length > 0 && settings['legacy-dialect-without-authentication'])
    throw usageError('--nats does not serve clients of the Python chat server: leave out that flag for them.')
  refuseWithoutNats(settings)
  if (data !== undefined && memory)
    throw usageError('--data keeps rooms on disk and --memory does not: give one of them.')
  return data ?? (memory || demo || nats.length > 0 ? undefined : defaultDirectory)
}
