import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { modelsDocument } from './models-doc.ts'

test('docs/models.md shows every text that a model reads', async () => {
  const file = fileURLToPath(new URL('../docs/models.md', import.meta.url))
  const document = modelsDocument(file)
  expect(document.match(/```text\n/g)!.length).toBeGreaterThan(35)
  await expect(document).toMatchFileSnapshot(file)
})
