import { expect, onTestFinished, test } from 'vitest'
import { type HubSession, openHub } from '../hub/index.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { rpcDispatcher } from './dispatcher.ts'
import type { RpcCaller } from './request-context.ts'

/** Ada's session, whose room left memory, and its calls. */
async function unloadedSession() {
  const clock = virtualClock()
  const hub = await openHub({ clock, sessions: memorySessions() })
  onTestFinished(() => hub.close())
  const { dispatch } = rpcDispatcher(hub)
  const call = async (caller: RpcCaller, method: string, params: object = {}) => {
    const { result, error } = JSON.parse((await dispatch(request(method, params), caller))!)
    return result ?? error
  }
  const session = await hub.join({ username: 'Ada' })
  await session.append({ text: 'mid-' })
  await clock.advance(150_000)
  expect(hub.admin.load()).toMatchObject({ rooms: 0, lapsed: 1 })
  return { hub, call, dispatch, session, token: session.joinResult.token }
}

const request = (method: string, params: object, id = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params })

test('[A12] a call with a token opens the room that left memory, and calls keep their order', async () => {
  const { call, dispatch, token } = await unloadedSession()
  const texts = ['sen', 'ten', 'ce'].map(text => dispatch(request('append', { text }), { token }))
  const suffixes = (await Promise.all(texts)).map(text => JSON.parse(text!).result.suffix)
  expect(suffixes).toEqual(['mid-sen', 'mid-senten', 'mid-sentence'])
  expect(await call({ token }, 'who')).toMatchObject({ participants: [{ sender_id: 'Ada' }] })
})

test('[A12] a batch opens the room that left memory', async () => {
  const { dispatch, token } = await unloadedSession()
  const batch = `[${request('append', { text: 'x' })},${request('preview', {}, 2)}]`
  expect(JSON.parse((await dispatch(batch, { token }))!)).toMatchObject([
    { result: { suffix: 'mid-x' } },
    { result: { draft: 'mid-x' } },
  ])
})

test('[A12] a socket goes on with its session after the room left memory', async () => {
  const { call, session } = await unloadedSession()
  expect(await call({ session }, 'append', { text: 'x' })).toMatchObject({ suffix: 'mid-x' })
  expect(await call({ session }, 'append', { text: 'y' })).toMatchObject({ suffix: 'mid-xy' })
})

test('[A12] resume with a token opens the room that left memory, and binds the socket', async () => {
  const { call, token } = await unloadedSession()
  const joined: HubSession[] = []
  const caller: RpcCaller = { joined: session => void joined.push(session) }
  expect(await call(caller, 'resume', { token })).toMatchObject({ suffix: 'mid-', sender_id: 'Ada' })
  expect(joined.map(({ unloaded }) => unloaded)).toEqual([false])
})

test('[A1] a token with the id of a session and another proof stays unknown', async () => {
  const { call, token } = await unloadedSession()
  expect(await call({ token: `${token.slice(0, -1)}_` }, 'append', { text: 'x' })).toMatchObject({ code: 40010 })
})
