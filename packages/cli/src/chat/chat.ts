import { connect } from '@midsentence/client'
import { command } from '../command.ts'
import { credentialFrom } from '../credential.ts'
import { untilInterrupted } from '../interrupt.ts'
import { addressOf, nameOf } from '../values.ts'
import { pipeFace } from './pipe-face.ts'
import { talk } from './talk.ts'
import { terminalFace } from './terminal-face.ts'
import { typed } from './typed.ts'

export const chat = command({
  name: 'chat',
  help: `midsentence chat URL --name NAME [--room ROOM]

Talk in a room, line by line. What others say shows at once, also while you type.

${typed}
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
    const address = addressOf(url!, 'URL')
    const username = nameOf(name)
    const credential = credentialFrom(file)
    const attended = process.stdin.isTTY === true && process.stdout.isTTY === true
    const run = async (signal: AbortSignal): Promise<void> => {
      const participant = await connect(address, { username, room, person: attended, ...credential })
      const face = (attended ? terminalFace : pipeFace)(process.stdin, process.stdout, signal)
      try {
        face.show(
          `* You are ${participant.name} in the room ${room}. ${attended ? 'Type, then Enter twice. /help says more.' : ''}`.trimEnd(),
        )
        await talk(participant, face, signal)
      } finally {
        face.close()
        await participant.close()
      }
    }
    return untilInterrupted(run, { endless: true })
  },
})
