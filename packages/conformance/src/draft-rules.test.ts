import * as core from '@midsentence/core'
import { test } from 'vitest'
import { draftRules } from './draft-rules.ts'
import { rule } from './rules.ts'

for (const { id, run } of draftRules) test(`[${id}] ${rule(id).title}`, () => run(core))
