import { readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseAddress, requireName } from '../parse-values.ts'
import { inputHelp } from './input-help.ts'

export const chat = defineCommand({
  name: 'chat',
  help: `midsentence chat URL --name NAME [--room ROOM]

Chat in a room, line by line. New messages appear at once, also while you type.

${inputHelp}
  URL           The address of a server, as http://127.0.0.1:8890. The existing Python chat server
                works too; it has one room.
  --name NAME   Your name in the room: 1 to 64 characters, not in use there.
  --room ROOM   Default: lobby.
  --credential-file FILE
                The password or signed token that the server asks for.
                Default: the environment's MIDSENTENCE_CREDENTIAL.

Ctrl-C and Ctrl-D leave the room and free the name. Without a terminal, chat reads the same lines
from a pipe. At the end of the input it sends the rest of the draft.
`,
  operands: ['URL'],
  options: { name: { type: 'string' }, room: { type: 'string' }, 'credential-file': { type: 'string' } },
  async run({ name, room = 'lobby', 'credential-file': file }, url) {
    const options = {
      url: parseAddress(url!, 'URL'),
      username: requireName(name),
      room,
      ...readCredential(file),
    }
    const { joinAndChat } = await import('./join-and-chat.ts')
    return untilInterrupted(signal => joinAndChat(options, signal), { endless: true })
  },
})
