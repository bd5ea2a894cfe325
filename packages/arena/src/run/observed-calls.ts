import type { Clock, Floor, Message, Seq } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'

/** The calls that an author can make. */
export type AuthorSession = Pick<
  HubSession,
  'joinResult' | 'append' | 'undo' | 'check' | 'push' | 'sendUnconditionally'
>

/** A call of an author that the room answered, as it was seen at the room. Times in milliseconds since the start of the run. */
export interface ObservedCall {
  readonly method: Exclude<keyof AuthorSession, 'joinResult'>
  readonly called_at: number
  readonly answered_at: number
  /** The seq that the author named as its newest. */
  readonly after?: Seq
  /** What was added to the draft, or sent without one. */
  readonly text?: string
  /** The messages that the answer brought. */
  readonly given: readonly Seq[]
  /** Its message, if it was sent. */
  readonly seq?: Seq
  readonly held?: true
  readonly floor?: Floor
}

interface Answer {
  readonly messages?: readonly Message[]
  readonly seq?: Seq
  readonly held?: boolean | undefined
  readonly floor?: Floor
}

/** Returns the session, and adds each of its answered calls to `calls`. */
export function observeCalls(session: AuthorSession, clock: Clock, calls: ObservedCall[]): AuthorSession {
  const note = async <A extends Answer>(
    method: ObservedCall['method'],
    { after, text }: { readonly after?: Seq; readonly text?: string },
    answering: Promise<A>,
  ): Promise<A> => {
    const called_at = clock.monotonic()
    const answer = await answering
    calls.push({
      method,
      called_at,
      answered_at: clock.monotonic(),
      ...(after !== undefined && { after }),
      ...(text !== undefined && { text }),
      given: answer.messages?.map(({ seq }) => seq) ?? [],
      ...(answer.seq !== undefined && { seq: answer.seq }),
      ...(answer.held && { held: true as const }),
      ...(answer.floor && { floor: answer.floor }),
    })
    return answer
  }
  return {
    joinResult: session.joinResult,
    append: (request, options) => note('append', request, session.append(request, options)),
    undo: (request = {}, options) => note('undo', request, session.undo(request, options)),
    check: (request = {}, options) => note('check', request, session.check(request, options)),
    push: (request = {}, options) => note('push', request, session.push(request, options)),
    sendUnconditionally: text => note('sendUnconditionally', { text }, session.sendUnconditionally(text)),
  }
}
