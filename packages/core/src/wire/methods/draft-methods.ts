import * as z from 'zod'
import { method } from './method.ts'
import { after, base, checkTimeout, content, key, meta, pushTimeout, text } from './parameters.ts'
import { appendResult, checkResult, previewResult, pushResult, resetResult, undoResult } from './results.ts'

const needs = 'session'
const keyed = { key: key.exactOptional(), after: after.exactOptional() }
const sending = { timeout_ms: pushTimeout.exactOptional(), meta: meta.exactOptional() }

/** What one does with a draft, and to read. Every answer brings the messages that arrived meanwhile. */
export const actions = [
  method({
    name: 'append',
    summary: 'Add text to your draft.',
    description:
      'Adds one segment to the draft; nobody else sees it. Of a text of more than 1000 characters the first ones are kept: status 2, and dropped says how many to append again. Does not wait.',
    needs,
    params: z.object({ text, ...keyed }),
    result: appendResult,
    errors: ['unavailable'],
    call: (visit, params, manner) => visit.session().append(params, manner),
  }),
  method({
    name: 'undo',
    summary: 'Take back what you appended last.',
    description: 'Takes the newest segment off the draft, whole; status 0 where there is none. Does not wait.',
    needs,
    params: z.object(keyed),
    result: undoResult,
    errors: ['unavailable'],
    call: (visit, params, manner) => visit.session().undo(params, manner),
  }),
  method({
    name: 'reset',
    summary: 'Empty your draft.',
    description: 'Discards the whole draft. It cannot be undone. Does not wait.',
    needs,
    params: z.object(keyed),
    result: resetResult,
    errors: ['unavailable'],
    call: (visit, params, manner) => visit.session().reset(params, manner),
  }),
  method({
    name: 'push',
    summary: 'Send your draft as one message.',
    description:
      'Sends the whole draft. Where somebody wrote what you had not read, nothing is sent: the answer says held and brings those messages, and the draft is kept. Push again to send it as it is, or undo, append or reset first. Waits for the verdict of the room, never for a reply.',
    needs,
    params: z.object({ ...keyed, ...sending }),
    result: pushResult,
    errors: ['no-draft', 'rate-limited', 'content-policy', 'unavailable'],
    call: (visit, params, manner) => visit.session().push(params, manner),
  }),
  method({
    name: 'check',
    summary: 'Wait for messages.',
    description:
      'Waits until there is a message you have not read and gives it: status 1. When the time is up: status 0 and no messages. A later check ends an earlier one.',
    needs,
    params: z.object({ timeout_ms: checkTimeout.exactOptional(), after: after.exactOptional() }),
    result: checkResult,
    errors: ['unavailable'],
    asks: true,
    call: (visit, params, manner) => visit.session().check(params, manner),
  }),
  method({
    name: 'preview',
    summary: 'See your whole draft.',
    description: 'Shows exactly what a push would send, and the segments it is made of. Does not wait.',
    needs,
    params: z.object({ after: after.exactOptional() }),
    result: previewResult,
    errors: ['unavailable'],
    asks: true,
    call: (visit, params, manner) => visit.session().preview(params, manner),
  }),
  method({
    name: 'publish',
    summary: 'Send a whole message from a draft you keep yourself.',
    description:
      'As push, for a client that keeps the draft on its own side: base says what its author had read when it decided to send. The draft that is kept here stays as it is.',
    needs,
    params: z.object({ content, base, key, after: after.exactOptional(), ...sending }),
    result: pushResult,
    errors: ['no-draft', 'rate-limited', 'content-policy', 'unavailable'],
    call: (visit, params, manner) => visit.session().publish(params, manner),
  }),
]
