import { testTools } from '@midsentence/conformance'
import { rightTools, toolsIn } from './mock-tools.ts'

testTools('roomTools', toolsIn(rightTools), { runs: 200 })
