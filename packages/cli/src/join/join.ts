import { credentialOptions, readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { palette } from '../palette.ts'
import { parseAddresses, parseLast, requireName } from '../parse-values.ts'

export const join = defineCommand({
  name: 'join',
  help: `midsentence join URL --name NAME [--room ROOM] [--last N] [--credential-file FILE]

Joins a room and prints the session token, and a curl command for each action to paste into a shell.
The server keeps the draft, so any language can take part in the same way. The name is reserved for
a day, or until you leave.

  URL           The address of a midsentence server, as http://127.0.0.1:8890.
                Of several that share their rooms: all, with commas, as http://a:8890,http://b:8890.
                The commands name the first one that answers; any of the others takes them too.
  --name NAME   Your name in the room: 1 to 64 characters, not in use there.
  --room ROOM   Default: lobby.
  --last N      The first answers give the last N messages from before you came, where the room
                shows its history. Default: 20.
  --credential-file FILE
                The password or signed token that the server asks for.
                Default: the environment's MIDSENTENCE_CREDENTIAL.
  --credential TEXT
                The same as an argument, which other users of this machine can see.
`,
  operands: ['URL'],
  options: { name: { type: 'string' }, room: { type: 'string' }, last: { type: 'string' }, ...credentialOptions },
  async run({ name, room = 'lobby', last = '20', ...flags }, given) {
    const addresses = parseAddresses(given!, 'URL')
    const username = requireName(name)
    const options = { room, last: parseLast(last), ...readCredential(flags) }
    const [{ joinRoom }, { curlCommands }, { nameInSentence }] = await Promise.all([
      import('./join-room.ts'),
      import('./curl-commands.ts'),
      import('@midsentence/client'),
    ])
    const { joined, url, present } = await joinRoom(addresses, username, options)
    const { dim } = palette(process.stdout)
    const others = othersText(present.filter(name => name !== joined.sender_id).map(nameInSentence))
    const notes = [
      `You are ${nameInSentence(joined.sender_id)} in the room ${joined.room} of ${url}, ${others}.`,
      ...(joined.observable ? ['Watchers of this room see drafts as they are written.'] : []),
      ...(joined.recorded ? ['What they see is kept for a while, undone text too.'] : []),
      'The token identifies you: paste its line first, and keep it secret.',
    ]
    const shown = curlCommands(url, joined).map(([purpose, line]) => `${dim(`# ${purpose}`)}\n${line}\n`)
    process.stdout.write(`${notes.join('\n')}\n\n${shown.join('\n')}`)
    return 0
  },
})

function othersText(others: readonly string[]): string {
  if (others.length === 0) return 'alone so far'
  const shown = others.slice(0, 5).join(', ')
  return `with ${others.length > 5 ? `${shown} and ${others.length - 5} more` : shown}`
}
