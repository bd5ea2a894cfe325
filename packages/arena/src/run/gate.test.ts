import { virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { TurnGate } from './gate.ts'

const LEASE_MS = 1_000

/** A gate for Ada, Ben and Cleo, and the names in the order in which they were admitted. */
function openGate(inTurns: boolean) {
  const clock = virtualClock()
  const gate = new TurnGate(clock, ['Ada', 'Ben', 'Cleo'], inTurns, LEASE_MS)
  const admitted: string[] = []
  const enter = async (...names: string[]) => {
    for (const name of names) void gate.enter(name).then(() => admitted.push(name))
    await clock.settle()
  }
  const leave = async (name: string) => {
    gate.leave(name)
    await clock.settle()
  }
  return { clock, gate, admitted, enter, leave }
}

test('a lock admits in the order of requests', async () => {
  const { gate, admitted, enter, leave } = openGate(false)
  await enter('Cleo', 'Ada', 'Ben', 'Cleo')
  expect(admitted).toEqual(['Cleo'])
  await leave('Cleo')
  await leave('Ada')
  expect(admitted).toEqual(['Cleo', 'Ada', 'Ben'])
  await leave('Ben')
  expect(gate.isHolder('Cleo')).toBe(true)
})

test('turns go round, and skip authors that do not wait', async () => {
  const { admitted, enter, leave } = openGate(true)
  await enter('Cleo')
  await enter('Ben', 'Ada')
  // After Cleo comes Ada, though Ben asked first.
  await leave('Cleo')
  await enter('Cleo', 'Ada')
  await leave('Ada')
  await leave('Ben')
  await leave('Cleo')
  expect(admitted).toEqual(['Cleo', 'Ada', 'Ben', 'Cleo', 'Ada'])
})

test('one author is admitted at a time, and the gate is free again once all have left', async () => {
  const { gate, admitted, enter, leave } = openGate(true)
  await enter('Ben', 'Ada')
  expect(['Ada', 'Ben', 'Cleo'].filter(name => gate.isHolder(name))).toEqual(['Ben'])
  await leave('Ben')
  await leave('Ada')
  expect(['Ada', 'Ben', 'Cleo'].some(name => gate.isHolder(name))).toBe(false)
  await enter('Cleo')
  expect(admitted).toEqual(['Ben', 'Ada', 'Cleo'])
})

test('only the holder can leave', async () => {
  const { gate, admitted, enter, leave } = openGate(false)
  await enter('Ada', 'Ben')
  await leave('Ben')
  await leave('Cleo')
  expect(gate.isHolder('Ada')).toBe(true)
  expect(admitted).toEqual(['Ada'])
})

test('a lease ends a turn, and begins again with each turn', async () => {
  const { clock, gate, admitted, enter, leave } = openGate(false)
  await enter('Ada', 'Ben', 'Ada')
  await clock.advance(LEASE_MS - 1)
  expect(gate.isHolder('Ada')).toBe(true)
  await clock.advance(1)
  expect([gate.isHolder('Ada'), gate.isHolder('Ben')]).toEqual([false, true])
  // Ada leaves late, which does not end Ben's turn.
  await leave('Ada')
  expect(gate.isHolder('Ben')).toBe(true)
  // Ben leaves in time: the lease of its turn does not end the next one.
  await clock.advance(LEASE_MS / 2)
  await leave('Ben')
  await clock.advance(LEASE_MS - 1)
  expect(gate.isHolder('Ada')).toBe(true)
  await clock.advance(1)
  expect(gate.isHolder('Ada')).toBe(false)
  expect(admitted).toEqual(['Ada', 'Ben', 'Ada'])
  expect(clock.pending).toBe(0)
})
