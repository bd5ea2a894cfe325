import { expect, test } from 'vitest'
import { untilInterrupted, whenAborted } from './interrupt.ts'
import { watchOutput } from './output-errors.ts'

const failWith = (code: string) => process.stdout.emit('error', Object.assign(new Error(`write ${code}`), { code }))

test.each([
  ['EIO', 1],
  ['EPIPE', 0],
])('a command leaves when its output fails with %s, and exits with %i', async (error, code) => {
  watchOutput()
  const left: string[] = []
  const running = untilInterrupted(async signal => {
    await whenAborted(signal)
    // What it still writes fails too.
    failWith(error)
    left.push('left')
  })
  failWith(error)
  expect([await running, left]).toEqual([code, ['left']])
})

test.each([
  ['SIGHUP', 129],
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a command leaves on %s and exits with %i, or with 0 if it has no other end', async (name, code) => {
  const running = untilInterrupted(signal => whenAborted(signal))
  process.emit(name, name)
  expect(await running).toBe(code)
  const endless = untilInterrupted(signal => whenAborted(signal), { endless: true })
  process.emit(name, name)
  expect(await endless).toBe(0)
})

test('a closing terminal and its shell both send SIGHUP: the command still leaves', async () => {
  const before = process.listenerCount('SIGHUP')
  const running = untilInterrupted(async signal => {
    await whenAborted(signal)
    expect(process.listenerCount('SIGHUP')).toBe(before + 1)
    expect(process.listenerCount('SIGINT')).toBe(before + 1)
  })
  process.emit('SIGHUP', 'SIGHUP')
  await running
  expect(process.listenerCount('SIGHUP')).toBe(before)
})

test('a command may handle SIGINT itself', async () => {
  let interrupts = 0
  const running = untilInterrupted(async (signal, takeInterrupts) => {
    takeInterrupts(() => void interrupts++)
    await whenAborted(signal)
  })
  process.emit('SIGINT', 'SIGINT')
  process.emit('SIGINT', 'SIGINT')
  expect(interrupts).toBe(2)
  process.emit('SIGTERM', 'SIGTERM')
  expect(await running).toBe(143)
})
