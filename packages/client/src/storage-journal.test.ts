import { type Fact, isMidsentenceError, type Journal } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type StorageLike, storageJournal } from './storage-journal.ts'

const fact = (text: string): Fact => ({ type: 'appended', text, base: 0 })
const facts = (...texts: string[]) => texts.map(fact)

/** A storage that dies before its `survives`-th write or removal. */
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

test('gives back what was appended, one write for each', async () => {
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

test('a replaced journal is the new one, goes on, and leaves nothing of the old one', async () => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  await journal.read()
  for (const text of 'abc') await journal.append(facts(text))
  void journal.replace(facts('x', 'y'))
  await journal.append(facts('z'))
  expect(await storageJournal(page, 'draft').read()).toEqual(facts('x', 'y', 'z'))
  expect([...page.content.keys()].sort()).toEqual(['draft', 'draft.1.0', 'draft.1.1'])
})

test('after a crash between any two writes it is the old or the new one, and goes on', async () => {
  const life = async (journal: Journal) => {
    const kept: string[][] = [[]]
    await journal.read()
    for (const step of ['a', 'b', '=c', 'd', '=e', 'f']) {
      const last = kept.at(-1)!
      kept.push(step.startsWith('=') ? [step.slice(1)] : [...last, step])
      if (step.startsWith('=')) await journal.replace(facts(step.slice(1)))
      else await journal.append(facts(step))
    }
    kept.push([])
    return kept
  }
  let crashes = 0
  for (let survives = 0; ; survives++) {
    const page = storage(survives)
    const told: string[][] = []
    const journal = storageJournal(page, 'draft')
    let step: string[] = []
    const watched: Journal = {
      ...journal,
      append: async added => {
        step = [...(told.at(-1) ?? []), ...added.map(each => (each as { text: string }).text)]
        await journal.append(added)
        told.push(step)
      },
      replace: async added => {
        step = added.map(each => (each as { text: string }).text)
        await journal.replace(added)
        told.push(step)
      },
    }
    const ended = await failure(life(watched))
    const again = storage(undefined, page.content)
    const after = storageJournal(again, 'draft')
    const texts = (await after.read()).map(each => (each as { text: string }).text)
    expect([told.at(-1) ?? [], step]).toContainEqual(texts)
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

test('a full storage is an error that says what to do, and keeps what there was', async () => {
  const page = storage(2)
  const journal = storageJournal(page, 'draft')
  await journal.read()
  await journal.append(facts('a'))
  const error = await failure(journal.append(facts('b')))
  expect(error).toMatchObject({ code: 'internal', cause: { name: 'QuotaExceededError' } })
  expect(error?.message).toMatch(/make room/)
  expect(await storageJournal(storage(undefined, page.content), 'draft').read()).toEqual(facts('a'))
})

test('who opened it last owns it', async () => {
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
])('damage in %s is told by name: %s', async (key, value) => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  await journal.append(facts('a'))
  await journal.append(facts('b'))
  page.content.set(key, value)
  const error = await failure(storageJournal(page, 'draft').read())
  expect(error).toMatchObject({ code: 'internal' })
  expect(error?.message).toContain(key)
})

test('what a removed journal left behind does not come back', async () => {
  const page = storage()
  const journal = storageJournal(page, 'draft')
  for (const text of 'ab') await journal.append(facts(text))
  page.content.delete('draft')
  expect(await storageJournal(page, 'draft').read()).toEqual([])
})

test('after close, calls fail; close again does not', async () => {
  const journal = storageJournal(storage(), 'draft')
  await journal.close()
  await journal.close()
  for (const call of [journal.read(), journal.append([]), journal.replace([])]) {
    expect(await failure(call)).toMatchObject({ code: 'unavailable' })
  }
})
