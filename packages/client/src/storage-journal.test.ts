import { type Fact, isMidsentenceError, type Journal } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type StorageLike, storageJournal } from './storage-journal.ts'

const fact = (text: string): Fact => ({ type: 'appended', text, base: 0 })
const facts = (...texts: string[]) => texts.map(fact)

/** Creates a storage that fails at every write and removal after the first `survives`. */
function storage(survives = Number.POSITIVE_INFINITY, content = new Map<string, string>()) {
  const live = () => {
    if (survives-- <= 0) throw new DOMException('The page is gone.', 'QuotaExceededError')
  }
  return {
    content,
    writes: 0,
    getItem: (key: string) => content.get(key) ?? null,
    setItem(key: string, value: string) {
      live()
      this.writes++
      content.set(key, value)
    },
    removeItem(key: string) {
      live()
      content.delete(key)
    },
  } satisfies StorageLike & { content: unknown; writes: number }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (isMidsentenceError(error) ? error : undefined),
  )

test('returns appended facts, and writes once per append', async () => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  expect(await journal.read()).toEqual([])
  const before = page.writes
  void journal.append(facts('a', 'b'))
  await journal.append(facts('\ud800\n'))
  await journal.append([])
  expect(page.writes - before).toBe(2)
  expect(await storageJournal(page, 'draft').read()).toEqual(facts('a', 'b', '\ud800\n'))
  expect(await storageJournal(page, 'other').read()).toEqual([])
})

test('replace keeps the new facts only, and later appends follow them', async () => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  await journal.read()
  for (const text of 'abc') await journal.append(facts(text))
  void journal.replace(facts('x', 'y'))
  await journal.append(facts('z'))
  expect(await storageJournal(page, 'draft').read()).toEqual(facts('x', 'y', 'z'))
  expect([...page.content.keys()].sort()).toEqual(['draft', 'draft.1.0', 'draft.1.1'])
})

test('after a crash between any two writes the journal has the old or the new facts, and continues', async () => {
  const life = async (journal: Journal) => {
    const states: string[][] = [[]]
    await journal.read()
    for (const step of ['a', 'b', '=c', 'd', '=e', 'f']) {
      const last = states.at(-1)!
      states.push(step.startsWith('=') ? [step.slice(1)] : [...last, step])
      if (step.startsWith('=')) await journal.replace(facts(step.slice(1)))
      else await journal.append(facts(step))
    }
  }
  let crashes = 0
  for (let survives = 0; ; survives++) {
    const page = storage(survives)
    const acknowledged: string[][] = []
    const journal = storageJournal(page, 'draft')
    let step: string[] = []
    const watched: Journal = {
      ...journal,
      append: async added => {
        step = [...(acknowledged.at(-1) ?? []), ...added.map(each => (each as { text: string }).text)]
        await journal.append(added)
        acknowledged.push(step)
      },
      replace: async added => {
        step = added.map(each => (each as { text: string }).text)
        await journal.replace(added)
        acknowledged.push(step)
      },
    }
    const ended = await failure(life(watched))
    const again = storage(undefined, page.content)
    const after = storageJournal(again, 'draft')
    const texts = (await after.read()).map(each => (each as { text: string }).text)
    expect([acknowledged.at(-1) ?? [], step]).toContainEqual(texts)
    await after.append(facts('more'))
    await after.replace(facts('last'))
    await after.append(facts('words'))
    expect(await storageJournal(again, 'draft').read()).toEqual(facts('last', 'words'))
    expect([...page.content.keys()].filter(key => key !== 'draft')).toHaveLength(2)
    if (!ended) break
    crashes++
  }
  expect(crashes).toBeGreaterThan(8)
})

test('a full storage rejects with advice and keeps earlier facts', async () => {
  const page = storage(2)
  const journal = storageJournal(page, 'draft')
  await journal.read()
  await journal.append(facts('a'))
  const error = await failure(journal.append(facts('b')))
  expect(error).toMatchObject({ code: 'internal', cause: { name: 'QuotaExceededError' } })
  expect(error?.message).toMatch(/make room/)
  expect(await storageJournal(storage(undefined, page.content), 'draft').read()).toEqual(facts('a'))
})

test('the page that opened the journal last owns it', async () => {
  const page = storage()
  const first = storageJournal(page, 'draft')
  await first.read()
  await first.append(facts('a'))
  const second = storageJournal(page, 'draft')
  expect(await second.read()).toEqual(facts('a'))
  expect(await failure(first.append(facts('b')))).toMatchObject({ code: 'unavailable' })
  await second.append(facts('c'))
  expect(await second.read()).toEqual(facts('a', 'c'))
})

test.each([
  ['draft', 'no json'],
  ['draft', '{"midsentence":"journal","version":2,"generation":0,"opened":1}'],
  ['draft', '{"midsentence":"journal","version":1}'],
  ['draft.0.1', '[{"type":'],
])('damage in %s is reported with its key: %s', async (key, value) => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  await journal.append(facts('a'))
  await journal.append(facts('b'))
  page.content.set(key, value)
  const error = await failure(storageJournal(page, 'draft').read())
  expect(error).toMatchObject({ code: 'internal' })
  expect(error?.message).toContain(key)
})

test('entries of a removed journal do not come back', async () => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  for (const text of 'ab') await journal.append(facts(text))
  page.content.delete('draft')
  expect(await storageJournal(page, 'draft').read()).toEqual([])
})

test('after close calls fail, and closing again does not', async () => {
  const journal = storageJournal(storage(), 'draft')
  await journal.close()
  await journal.close()
  for (const call of [journal.read(), journal.append([]), journal.replace([])]) {
    expect(await failure(call)).toMatchObject({ code: 'unavailable' })
  }
})
