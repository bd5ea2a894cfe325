import { defineCommand } from '../define-command.ts'
import { parseAddresses } from '../parse-values.ts'
import { readSecret } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { adminActions, type CallAdmin } from './admin-actions.ts'

export const admin = defineCommand({
  name: 'admin',
  help: `midsentence admin URL rooms
midsentence admin URL participants ROOM
midsentence admin URL remove ROOM NAME [--for SECONDS]
midsentence admin URL close ROOM
midsentence admin URL open ROOM
midsentence admin URL hush ROOM
midsentence admin URL unhush ROOM
midsentence admin URL erase ROOM

Administers a server: lists rooms and participants, removes a participant, closes and opens a room,
silences its models until a person sends a message, and erases the score of a recorded room.
It shows no drafts and no messages.

  URL                 The address of a midsentence server, as http://127.0.0.1:8890.
                      Of several that share their rooms: all, with commas. One is asked.
  --token-file FILE   The file with the admin token that serve was started with.
                      Default: the environment's MIDSENTENCE_ADMIN_TOKEN_FILE.
  --for SECONDS       How long a removed name cannot join the room again. Default: 600.
`,
  operands: ['URL', 'ACTION'],
  optional: ['ROOM', 'NAME'],
  options: { 'token-file': { type: 'string' }, for: { type: 'string' } },
  async run({ 'token-file': file = process.env.MIDSENTENCE_ADMIN_TOKEN_FILE, for: seconds }, url, name, ...rest) {
    const addresses = parseAddresses(url!, 'URL')
    const action = Object.hasOwn(adminActions, name!) ? adminActions[name!]! : undefined
    if (!action)
      throw usageError(
        `admin has no action ${JSON.stringify(name)}: there are ${Object.keys(adminActions).join(', ')}.`,
      )
    const missing = action.operands[rest.length]
    if (missing !== undefined)
      throw usageError(`admin ${name} takes ${action.operands.join(' and ')}: ${missing} is missing.`)
    if (rest.length > action.operands.length) throw usageError(`admin ${name} takes no ${JSON.stringify(rest.at(-1))}.`)
    if (!file) throw usageError('You need the admin token, as in: --token-file admin.token')
    const token = readSecret(file, '--token-file')
    const ms = seconds === undefined ? undefined : 1000 * parseSeconds(seconds)
    const [room = '', username = ''] = rest
    const { callServer } = await import('@midsentence/client')
    const callAdmin: CallAdmin = (method, params = {}) =>
      callServer(addresses, `admin.${method}`, params, { token, path: '/admin', answerMs: 5000 })
    const answer = await action.run(callAdmin, room, username, ms)
    const { text, problem } = typeof answer === 'string' ? { text: answer, problem: '' } : answer
    if (text !== '') process.stdout.write(`${text}\n`)
    if (problem === '') return 0
    process.stderr.write(`midsentence: ${problem}\n`)
    return 1
  },
})

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && Number.isFinite(seconds)) return seconds
  throw usageError(`--for takes a number of seconds, not ${JSON.stringify(text)}.`)
}
