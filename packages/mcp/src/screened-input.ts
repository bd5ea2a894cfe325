import { Transform } from 'node:stream'
import type { JSONRPCErrorResponse } from '@modelcontextprotocol/server'
import { malformedAnswer } from './malformed-messages.ts'

/** A line that is longer is passed on unread, in bytes: the SDK has its own bound. */
const MAX_LINE_BYTES = 1024 * 1024
const NEWLINE = 0x0a

/** Passes lines on, except for malformed requests, which `answer` answers. */
export function screenedInput(answer: (message: JSONRPCErrorResponse) => void): Transform {
  let begun: Buffer[] = []
  let size = 0
  let isLong = false
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let from = 0; from < chunk.length; ) {
        const newline = chunk.indexOf(NEWLINE, from)
        const end = newline < 0 ? chunk.length : newline + 1
        const part = chunk.subarray(from, end)
        from = end
        begun.push(part)
        size += part.length
        isLong ||= size > MAX_LINE_BYTES
        if (newline < 0 && !isLong) continue
        const line = Buffer.concat(begun)
        const malformed = isLong ? undefined : malformedAnswer(line.toString())
        if (malformed) answer(malformed)
        else this.push(line)
        begun = []
        size = 0
        isLong = newline < 0
      }
      done()
    },
    flush(done) {
      if (size > 0) this.push(Buffer.concat(begun))
      done()
    },
  })
}
