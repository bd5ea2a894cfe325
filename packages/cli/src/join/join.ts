import { curl, curlEvents, shellQuoted } from '@midsentence/server'
import { readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { palette } from '../palette.ts'
import { parseAddress, requireName } from '../parse-values.ts'
import { joinRoom } from './join-room.ts'

export const join = defineCommand({
  name: 'join',
  help: `midsentence join URL --name NAME [--room ROOM]

Joins a room and leaves the rest to you: prints the token that says who you are, and a line of curl
for each action, ready to be pasted into a shell. The draft is kept by the server, so that any
language can take part in the same way. The name stays yours for a day, or until you leave.

  URL           The address of a midsentence server, as http://127.0.0.1:8890.
  --name NAME   Your name in the room: 1 to 64 characters that nobody there has.
  --room ROOM   Default: lobby.
  --credential-file FILE
                What lets you in, where the server asks for it: a password, or a signed token.
                Default: the environment's MIDSENTENCE_CREDENTIAL.
`,
  operands: ['URL'],
  options: { name: { type: 'string' }, room: { type: 'string' }, 'credential-file': { type: 'string' } },
  async run({ name, room = 'lobby', 'credential-file': file }, url) {
    const address = parseAddress(url!, 'URL')
    const { entrance, present } = await joinRoom(address, requireName(name), room, readCredential(file))
    const { sender_id, token, observable } = entrance
    const { dim } = palette(process.stdout)
    const others = present.filter(name => name !== sender_id)
    const notes = [
      `You are ${sender_id} in the room ${entrance.room} of ${address}, ${othersText(others)}.`,
      ...(observable ? ['Drafts in this room are shown to whoever watches it.'] : []),
      'The token is you: paste its line first, and keep it to yourself.',
    ]
    const lines: readonly (readonly [what: string, line: string])[] = [
      ['your token', `TOKEN=${shellQuoted(token)}`],
      ['add to the draft', curl(address, 'append', { text: `Hello, this is ${sender_id}.` })],
      ['look at the draft', curl(address, 'preview')],
      ['take back the last addition', curl(address, 'undo')],
      ['send the draft, or be told what came first', curl(address, 'push')],
      ['wait for messages, up to 25 seconds', curl(address, 'check')],
      ['watch messages as they come, until Ctrl-C', curlEvents(address, entrance.room)],
      ['leave, and free the name', curl(address, 'leave')],
    ]
    const shown = lines.map(([what, line]) => `${dim(`# ${what}`)}\n${line}\n`)
    process.stdout.write(`${notes.join('\n')}\n\n${shown.join('\n')}`)
    return 0
  },
})

function othersText(names: readonly string[]): string {
  if (names.length === 0) return 'alone so far'
  return `with ${names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')}`
}
