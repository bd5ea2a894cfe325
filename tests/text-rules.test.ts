import { renderAnswer } from '@midsentence/client'
import { rule, textRules } from '@midsentence/conformance'
import { test } from 'vitest'

for (const { id, run } of textRules) test(`[${id}] ${rule(id).title}`, () => run(renderAnswer))
