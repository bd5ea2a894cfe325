import { renderAnswer } from '@midsentence/client'
import { rule } from '@midsentence/conformance'
import { textRules } from '@midsentence/conformance/functions'
import { test } from 'vitest'

for (const { id, run } of textRules) test(`[${id}] ${rule(id).title}`, () => run(renderAnswer))
