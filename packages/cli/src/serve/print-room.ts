import type { WriteStream } from 'node:tty'
import { nameInSentence, renderMessages } from '@midsentence/client'
import type { Hub } from '@midsentence/server'
import { palette } from '../palette.ts'

/** Prints messages and presence of an observable room, one line each. Returns a function that stops it. */
export function printRoom(hub: Hub, room: string, out: WriteStream): () => void {
  const { dim } = palette(out)
  out.write(`${dim(`# What happens in the room ${room} from now on:`)}\n`)
  return hub.observe(room, {
    messages: batch => void out.write(`${renderMessages(batch)}\n`),
    presence: (name, present) =>
      void out.write(`${dim(`# ${nameInSentence(name)} ${present ? 'is here' : 'is gone'}.`)}\n`),
    draft: () => {},
    ended: () => {},
  })
}
