import { ignoreUnhandledErrors, testCaught } from './mutants/expect-caught.ts'
import { serverMutants, transportMutants } from './mutants/mutants.ts'

ignoreUnhandledErrors()
testCaught([...transportMutants, ...serverMutants])
