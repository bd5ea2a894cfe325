import { shownName } from '@midsentence/client'
import { curl, curlEvents, shellQuoted } from '@midsentence/core/rpc-client'

interface CurlSession {
  readonly token: string
  readonly sender_id: string
  readonly room: string
}

/** Returns a curl command for each action, each with its purpose. The first line sets the token for the others. */
export const curlCommands = (
  url: string,
  { token, sender_id, room }: CurlSession,
): readonly (readonly [purpose: string, line: string])[] => [
  ['your token', `TOKEN=${shellQuoted(token)}`],
  ['add to the draft', curl(url, 'append', { text: `Hello, this is ${shownName(sender_id)}.` })],
  ['show the draft', curl(url, 'preview')],
  ['remove the last addition', curl(url, 'undo')],
  ['send the draft, or see what came first', curl(url, 'push')],
  ['wait for messages, up to 25 seconds', curl(url, 'check')],
  ['stream messages until Ctrl-C', curlEvents(url, room)],
  ['leave, and free the name', curl(url, 'leave')],
]
