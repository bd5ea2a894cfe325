import * as z from 'zod'
import { method } from './method.ts'
import { after, base, checkTimeout, content, key, meta, pushTimeout, text } from './parameters.ts'
import { appendResult, checkResult, previewResult, pushResult, resetResult, undoResult } from './results.ts'

const auth = 'session'
const keyedParams = { key: key.exactOptional(), after: after.exactOptional() }
const sendParams = { timeout_ms: pushTimeout.exactOptional(), meta: meta.exactOptional() }

/** The methods that write, send and read. Every result brings the messages that arrived meanwhile. */
export const draftMethods = [
  method({
    name: 'append',
    summary: 'Add text to your draft.',
    description:
      'Adds one segment to the draft, which only you see. A text of more than 1000 characters is cut: status 2, and dropped is the number of characters to append again. Does not wait.',
    auth,
    params: z.object({ text, ...keyedParams }),
    result: appendResult,
    errors: ['unavailable'],
    call: (context, params, options) => context.session().append(params, options),
  }),
  method({
    name: 'undo',
    summary: 'Remove the text you appended last.',
    description: 'Removes the newest segment of the draft, whole. Status 0 if the draft is empty. Does not wait.',
    auth,
    params: z.object(keyedParams),
    result: undoResult,
    errors: ['unavailable'],
    call: (context, params, options) => context.session().undo(params, options),
  }),
  method({
    name: 'reset',
    summary: 'Empty your draft.',
    description: 'Discards the whole draft. You cannot undo it. Does not wait.',
    auth,
    params: z.object(keyedParams),
    result: resetResult,
    errors: ['unavailable'],
    call: (context, params, options) => context.session().reset(params, options),
  }),
  method({
    name: 'push',
    summary: 'Send your draft as one message.',
    description:
      'Sends the whole draft. If others wrote messages you have not read, nothing is sent: the result has held and those messages, and the draft is kept. Push again to send it unchanged, or undo, append or reset first. Waits for the verdict of the room, never for a reply.',
    auth,
    params: z.object({ ...keyedParams, ...sendParams }),
    result: pushResult,
    errors: ['no-draft', 'rate-limited', 'content-policy', 'unavailable'],
    call: (context, params, options) => context.session().push(params, options),
  }),
  method({
    name: 'check',
    summary: 'Wait for messages.',
    description:
      'Waits for messages you have not read and returns them: status 1. After timeout_ms: status 0 and no messages. A later check ends an earlier one.',
    auth,
    params: z.object({ timeout_ms: checkTimeout.exactOptional(), after: after.exactOptional() }),
    result: checkResult,
    errors: ['unavailable'],
    readOnly: true,
    call: (context, params, options) => context.session().check(params, options),
  }),
  method({
    name: 'preview',
    summary: 'Show your whole draft.',
    description: 'Returns the exact text a push would send, and its segments. Does not wait.',
    auth,
    params: z.object({ after: after.exactOptional() }),
    result: previewResult,
    errors: ['unavailable'],
    readOnly: true,
    call: (context, params, options) => context.session().preview(params, options),
  }),
  method({
    name: 'publish',
    summary: 'Send a message from a draft that your client keeps.',
    description:
      'Like push, for a client that keeps the draft itself. base is the seq its author had read when it decided to send. The draft on the server is unchanged.',
    auth,
    params: z.object({ content, base, key, after: after.exactOptional(), ...sendParams }),
    result: pushResult,
    errors: ['no-draft', 'rate-limited', 'content-policy', 'unavailable'],
    call: (context, params, options) => context.session().publish(params, options),
  }),
]
