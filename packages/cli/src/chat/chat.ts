import { connect } from '@midsentence/client'
import { readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseAddress, requireName } from '../parse-values.ts'
import { inputHelp } from './input-help.ts'
import { pipeConsole } from './pipe-console.ts'
import { runChat } from './run-chat.ts'
import { terminalConsole } from './terminal-console.ts'

export const chat = defineCommand({
  name: 'chat',
  help: `midsentence chat URL --name NAME [--room ROOM]

Talk in a room, line by line. What others say shows at once, also while you type.

${inputHelp}
  URL           The address of a server, as http://127.0.0.1:8890; the existing Python chat server
                will do too, in its one room.
  --name NAME   Your name in the room: 1 to 64 characters that nobody there has.
  --room ROOM   Default: lobby.
  --credential-file FILE
                What lets you in, where the server asks for it: a password, or a signed token.
                Default: the environment's MIDSENTENCE_CREDENTIAL.

Ctrl-C and Ctrl-D leave the room and free the name. Where its input is a pipe the same lines are
read from it, and at its end what is left of the draft is sent.
`,
  operands: ['URL'],
  options: { name: { type: 'string' }, room: { type: 'string' }, 'credential-file': { type: 'string' } },
  run({ name, room = 'lobby', 'credential-file': file }, url) {
    const address = parseAddress(url!, 'URL')
    const username = requireName(name)
    const credential = readCredential(file)
    const attended = process.stdin.isTTY === true && process.stdout.isTTY === true
    const run = async (signal: AbortSignal): Promise<void> => {
      const participant = await connect(address, { username, room, person: attended, ...credential })
      const face = (attended ? terminalConsole : pipeConsole)(process.stdin, process.stdout, signal)
      try {
        face.show(
          `* You are ${participant.name} in the room ${room}. ${attended ? 'Type, then Enter twice. /help says more.' : ''}`.trimEnd(),
        )
        await runChat(participant, face, signal)
      } finally {
        face.close()
        await participant.close()
      }
    }
    return untilInterrupted(run, { endless: true })
  },
})
