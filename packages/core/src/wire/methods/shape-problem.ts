import * as z from 'zod'
import { rpcNumbers } from '../../errors.ts'
import { methods } from './all-methods.ts'
import { message } from './results.ts'
import { scoreEvents } from './score-events.ts'
import { streamEvents } from './stream-events.ts'

const results: ReadonlyMap<string, z.ZodType> = new Map(methods.map(({ name, result }) => [name, result]))

const error = z.object({
  code: z.literal(Object.values(rpcNumbers)),
  message: z.string().min(1),
  data: z
    .object({
      retry_after_ms: z.number().min(0).exactOptional(),
      unknown: z.literal(true).exactOptional(),
      reason: z.string().min(1).exactOptional(),
    })
    .exactOptional(),
})

/** Returns what is wrong with an answer to `method`, as one line; undefined if it has the form of the OpenRPC document. */
export function answerProblem(method: string, result: unknown): string | undefined {
  const schema = results.get(method)
  return schema && problem(`the answer to ${method}`, schema, result)
}

/** Returns what is wrong with the `error` of a response: its number, its sentence or its data. */
export function errorProblem(value: unknown): string | undefined {
  const wrong = problem('an error', error, value)
  if (wrong !== undefined) return wrong
  const { code, data = {} } = value as z.output<typeof error>
  if (code === rpcNumbers['rate-limited'] && data.retry_after_ms === undefined)
    return 'error 40003 lacks data.retry_after_ms'
  if (code === rpcNumbers['content-policy'] && data.reason === undefined) return 'error 40004 lacks data.reason'
  return undefined
}

/** Returns what is wrong with a message. */
export const messageProblem = (value: unknown): string | undefined => problem('a message', message, value)

/** Returns what is wrong with the data of an event of a stream; undefined also for an unknown event. */
export function eventProblem(event: string, data: unknown): string | undefined {
  const schema: z.ZodType | undefined = Object.hasOwn(streamEvents, event)
    ? streamEvents[event as keyof typeof streamEvents]
    : undefined
  return schema && problem(`the event ${event}`, schema, data)
}

/** Returns what is wrong with the data of an event of a score; undefined also for an unknown event. */
export function scoreProblem(event: string, data: unknown): string | undefined {
  const schema: z.ZodType | undefined = Object.hasOwn(scoreEvents, event)
    ? scoreEvents[event as keyof typeof scoreEvents]
    : undefined
  return schema && problem(`the event ${event} of a score`, schema, data)
}

/** Names the first wrong member and what it must be. */
function problem(what: string, schema: z.ZodType, value: unknown): string | undefined {
  const issue = schema.safeParse(value).error?.issues[0]
  if (!issue) return undefined
  const { path, message } = closest(issue)
  return `${what} has a wrong ${path.length > 0 ? path.join('.') : 'form'}: ${message}`
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Returns the issue itself, or of a union the first issue of the alternative that fits best. */
function closest(issue: z.core.$ZodIssue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const [best] = issue.errors.toSorted((one, other) => one.length - other.length)
  const inner = best?.[0] && closest(best[0])
  return inner ? { path: [...issue.path, ...inner.path], message: inner.message } : issue
}
