import { credentialOptions, readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseAddresses, parseLast, requireName } from '../parse-values.ts'
import { inputHelp } from './commands.ts'

export const chat = defineCommand({
  name: 'chat',
  help: `midsentence chat URL --name NAME [--room ROOM] [--last N] [--times] [--no-bell]

Chat in a room, line by line. New messages appear at once, also while you type.

${inputHelp()}
  URL           The address of a server, as http://127.0.0.1:8890. The existing Python chat server
                works too; it has one room. Of several servers that share their rooms: all, with
                commas, as http://a:8890,http://b:8890. When one is lost, you go on at the next one.
  --name NAME   Your name in the room: 1 to 64 characters, not in use there.
  --room ROOM   Default: lobby.
  --last N      Show the last N messages from before you came, where the room shows its history.
                Default: 20, in a pipe 0.
  --times       Show the time of each message.
  --no-bell     Do not ring the bell when a message names you.
  --credential-file FILE
                The password or signed token that the server asks for.
                Default: the environment's MIDSENTENCE_CREDENTIAL.
  --credential TEXT
                The same as an argument, which other users of this machine can see.

Ctrl-D, /quit and a closed terminal leave the room and free the name; Ctrl-Z and fg suspend and
resume. A paste is added as one text and is never a command. NO_COLOR=1 turns colours off, and
TERM=dumb all escape sequences.

Without a terminal, chat reads the same lines from a pipe. At the end of the input it sends the rest
of the draft. Text that is too long for one message becomes several.
`,
  operands: ['URL'],
  options: {
    name: { type: 'string' },
    room: { type: 'string' },
    last: { type: 'string' },
    ...credentialOptions,
    times: { type: 'boolean' },
    'no-bell': { type: 'boolean' },
  },
  async run({ name, room = 'lobby', last, times = false, 'no-bell': silent = false, ...flags }, url) {
    const options = {
      urls: parseAddresses(url!, 'URL'),
      username: requireName(name),
      room,
      last: last === undefined ? undefined : parseLast(last),
      ...readCredential(flags),
      times,
      bell: !silent,
    }
    const { joinAndChat } = await import('./join-and-chat.ts')
    return untilInterrupted((signal, takeInterrupts) => joinAndChat(options, signal, takeInterrupts), {
      endless: true,
    })
  },
})
