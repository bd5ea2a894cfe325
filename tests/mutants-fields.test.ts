import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ignoreUnhandledErrors } from './mutants/expect-caught.ts'
import { fieldMutants } from './mutants/fields/fields.ts'
import { listedSections } from './mutants/table.ts'

ignoreUnhandledErrors()

test.for(Object.entries(fieldMutants))(
  '%s: each bug is caught by its rule',
  { timeout: 120_000 },
  async ([, mutants]) => {
    const missed: string[] = []
    for (const { of, field, breaks, bug, brokenBy } of mutants) {
      const broken = await brokenBy([breaks], { runs: 20, seed: 1 })
      if (!broken.includes(breaks)) missed.push(`${breaks} does not catch ${of} ${field}: ${bug}`)
    }
    expect(missed).toEqual([])
  },
)

const file = join(import.meta.dirname, '../docs/mutants.md')

test('docs/mutants.md lists the fields and the bugs of clusters; update it with `vitest run -u`', async () => {
  const [bugs] = readFileSync(file, 'utf8').split('## Fields')
  await expect(`${bugs!.trimEnd()}\n\n${listedSections()}`).toMatchFileSnapshot(file)
})
