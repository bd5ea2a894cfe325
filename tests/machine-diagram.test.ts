import { expect, test } from 'vitest'
import { machineDiagram } from './machine-diagram.ts'

test('the diagram in the docs is the machine', async () => {
  await expect(machineDiagram()).toMatchFileSnapshot('../docs/machine.md')
})
