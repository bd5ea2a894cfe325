import type { CallOptions, HubSession, LocalSession } from '@midsentence/core/hub'

type Run = (session: LocalSession, args: readonly never[], options: CallOptions | undefined) => unknown

/** The methods of a session that another server may call, by name. */
const methods = {
  append: (session, [request], options) => session.append(request!, options),
  undo: (session, [request], options) => session.undo(request, options),
  reset: (session, [request], options) => session.reset(request, options),
  preview: (session, [request], options) => session.preview(request, options),
  push: (session, [request], options) => session.push(request, options),
  publish: (session, [request], options) => session.publish(request!, options),
  check: (session, [request], options) => session.check(request, options),
  resume: session => session.resume(),
  who: session => session.who(),
  yield: session => session.yield(),
  hush: (session, [on]) => session.hush(on!),
  leave: session => session.leave(),
  sendUnconditionally: (session, [content]) => session.sendUnconditionally(content!),
  showDraft: (session, [facts, rev]) => session.showDraft(facts!, rev!),
  showWriting: (session, [writing]) => session.showWriting(writing!),
  charge: (session, [points]) => session.charge(points!),
} satisfies Partial<Record<keyof HubSession, Run>>

export type SessionMethod = keyof typeof methods

export const isSessionMethod = (name: string): name is SessionMethod => Object.hasOwn(methods, name)

/** Calls a method of a session. What it throws becomes a rejection. Its effects come before this returns. */
export function runOn(
  session: LocalSession,
  method: SessionMethod,
  args: readonly unknown[],
  options: CallOptions | undefined,
): Promise<unknown> {
  try {
    return Promise.resolve((methods[method] as Run)(session, args as readonly never[], options))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Whether a call may wait by itself, and so learns when its caller is gone. */
export const mayWait = (method: SessionMethod): boolean =>
  method === 'push' || method === 'publish' || method === 'check'
