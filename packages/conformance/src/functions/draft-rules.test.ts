import * as core from '@midsentence/core'
import { test } from 'vitest'
import { rule } from '../kit/rules.ts'
import { draftRules } from './draft-rules.ts'

for (const { id, run } of draftRules) test(`[${id}] ${rule(id).title}`, () => run(core))
