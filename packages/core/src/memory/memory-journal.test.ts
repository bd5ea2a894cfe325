import { expect, test } from 'vitest'
import { checkFacts, type Fact } from '../participant/facts.ts'
import { memoryJournal } from './memory-journal.ts'

const appended = (text: string): Fact => ({ type: 'appended', text, base: 0 })

test('facts are read as written, in order, also without awaiting', async () => {
  const journal = memoryJournal()
  expect(await journal.read()).toEqual([])
  journal.append([appended('a'), appended('b')])
  await journal.append([{ type: 'undone' }])
  expect(await journal.read()).toEqual([appended('a'), appended('b'), { type: 'undone' }])
  expect(journal.facts).toEqual(await journal.read())
})

test('replace shortens the journal, and later facts follow it', async () => {
  const journal = memoryJournal()
  await journal.append([appended('a'), { type: 'undone' }])
  journal.replace([appended('b')])
  await journal.append([appended('c')])
  expect(await journal.read()).toEqual([appended('b'), appended('c')])
})

test('the journal shares no array with its caller', async () => {
  const journal = memoryJournal()
  const facts = [appended('a')]
  await journal.replace(facts)
  facts.push(appended('mine'))
  const read = await journal.read()
  await journal.append([appended('b')])
  expect(read).toEqual([appended('a')])
  expect(await journal.read()).toEqual([appended('a'), appended('b')])
})

test('a closed journal rejects calls until the next read', async () => {
  const journal = memoryJournal()
  await journal.append([appended('a')])
  await journal.close()
  await journal.close()
  await expect(journal.append([appended('late')])).rejects.toMatchObject({ code: 'unavailable' })
  await expect(journal.replace([])).rejects.toMatchObject({ code: 'unavailable' })
  expect(await journal.read()).toEqual([appended('a')])
  await journal.append([appended('b')])
  expect(await journal.read()).toEqual([appended('a'), appended('b')])
})

test('an unknown fact is rejected, not skipped', () => {
  expect(checkFacts([appended('a'), { type: 'left' }])).toHaveLength(2)
  for (const wrong of [null, undefined, 'appended', 1, {}, [], { type: 7 }, { type: 'unheard.of' }]) {
    expect(() => checkFacts([appended('a'), wrong])).toThrow(expect.objectContaining({ code: 'internal' }))
  }
})
