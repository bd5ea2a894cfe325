import * as core from '@midsentence/core'
import { test } from 'vitest'
import { rule } from '../kit/rules.ts'
import { roomRules } from './room-rules.ts'

for (const { id, run } of roomRules) test(`[${id}] ${rule(id).title}`, () => run(core))
